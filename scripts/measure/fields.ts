import { fileURLToPath } from "node:url";
import { readDeskPack } from "../../packages/desk-pack/src/index.ts";
import { readFolder } from "../../packages/desk-pack/src/read-folder.ts";
import type { Priority } from "../../schemas/src/common.ts";
import type { Desk } from "../../schemas/src/desk.ts";
import { triageByRules } from "../../services/triage/src/decide/triage-by-rules.ts";

const DESK = fileURLToPath(new URL("../../desks/it-helpdesk/", import.meta.url));

/**
 * An enquiry as a person reads it: `missing` are the category's questions that the desk would still have to ask. The
 * texts are every ninth, from the third on, of the sample desk's examples in the categories that ask anything. They
 * were labelled by reading them before the rules were run on them, and the labels stay where the rules disagree.
 */
interface Labelled {
  readonly text: string;
  readonly categoryId: string;
  readonly priority: Priority;
  readonly missing: readonly string[];
}

const labelled = (categoryId: string, priority: Priority, missing: readonly string[], text: string): Labelled => ({
  categoryId,
  priority,
  missing,
  text,
});

const ENQUIRIES: readonly Labelled[] = [
  labelled(
    "network",
    "normal",
    ["building", "device"],
    "Hello, since we moved to the third floor my laptop loses the wireless connection each time I walk from my desk to the kitchen. It comes back after a minute or so.",
  ),
  labelled(
    "network",
    "normal",
    ["building", "floor", "device"],
    "Connection lost again at 14:05, same as yesterday and the day before. Is someone changing the access points?",
  ),
  labelled(
    "network",
    "normal",
    ["building", "floor", "device", "when"],
    "Cannot join Northgate-Staff with my laptop, it says cannot connect to this network",
  ),
  labelled("account-access", "normal", ["system"], "MFA-500121 whenever I try to sign in"),
  labelled(
    "account-access",
    "normal",
    [],
    "Request: permission for the purchasing module of the finance system until the end of July.",
  ),
  labelled("account-access", "normal", ["system"], "Sign-in code expired, the six digit code never works"),
  labelled(
    "account-access",
    "normal",
    ["system"],
    "I need access to the mailbox of a colleague who is on leave, her manager agrees.",
  ),
  labelled("printer-fault", "normal", ["printer", "display"], "pages come out with black stripes down the side"),
  labelled("printer-fault", "normal", ["printer"], "printer broken, display black"),
  labelled("printer-fault", "normal", ["display"], "Stripes and smudges on every page from the printer in room 1.12"),
  labelled("email", "normal", ["address"], "outlook wont open since monday, just the blue logo"),
  labelled("email", "normal", ["address"], "mail bounced, 552 5.2.2, what does that mean"),
  labelled("email", "normal", ["address"], "An e-mail to a partner was returned with error 550 5.1.1"),
  labelled("email", "normal", [], "Please remove me from the mailing list all-quayside"),
  labelled("hardware", "normal", ["since"], "battery of NG-LT-18220 lasts only an hour"),
  labelled(
    "hardware",
    "normal",
    ["asset", "since"],
    "My headset is broken, the left ear is silent whatever I plug it into.",
  ),
  labelled(
    "hardware",
    "normal",
    ["asset", "since"],
    "Dock not recognised, neither screen nor keyboard work when I plug in the cable",
  ),
  labelled("hardware", "normal", ["asset", "since"], "Laptop makes beeps and shows code 2000-0142"),
  labelled("software", "normal", ["asset"], "error 0x80070643 when updating"),
  labelled(
    "software",
    "normal",
    ["asset"],
    "Teams won't update, it says a newer version is available and then nothing happens",
  ),
  labelled("software", "normal", ["asset"], "The program crashes with an error every time I open a file"),
  labelled("software", "normal", ["asset"], "Is there a licence for NVivo that our team can use until the summer?"),
  labelled("starters-leavers", "normal", ["date", "manager"], "starter form where"),
  labelled("starters-leavers", "normal", ["date", "manager"], "Return of laptop and phone on my last day"),
  labelled(
    "starters-leavers",
    "normal",
    ["date", "manager"],
    "I am leaving the Institute, where do I return my laptop and my staff card?",
  ),
  labelled("security", "urgent", [], "my laptop was stolen on the train"),
  labelled("security", "urgent", [], "I sent a list with students' addresses to the wrong person."),
  labelled("security", "urgent", [], "I have lost my laptop on the bus, NG-LT-18811"),
  labelled("security", "urgent", [], "A file with personal data was sent to the wrong person by e-mail"),
  labelled("file-storage", "normal", [], "need write access to S:\\Research\\Coastal"),
  labelled("file-storage", "normal", [], "Where should I save files so that they are backed up?"),
  labelled("file-storage", "high", ["path"], "The shared drive is full and we cannot save any files."),
  labelled("file-storage", "normal", ["path"], "Files deleted from OneDrive, can they be recovered?"),
  labelled("meeting-rooms", "normal", ["room"], "booking display at the door shows ROOM-204"),
  labelled("meeting-rooms", "normal", ["room"], "The projector bulb flickers and the picture is green."),
  labelled("meeting-rooms", "normal", [], "How do I start a video meeting with the panel in the meeting room?"),
  labelled("telephony", "normal", [], "please forward extension 4417 to 4420 during my holiday"),
  labelled("telephony", "normal", ["extension"], "Can my calls be forwarded to my mobile?"),
  labelled("telephony", "normal", [], "The headset has no sound during calls in Teams"),
];

interface Extraction {
  readonly enquiry: Labelled;
  readonly missing: readonly string[];
  readonly priority: Priority;
}

/** What the rules find when the category is right: routing is measured elsewhere. */
function extract(desk: Desk, enquiry: Labelled): Extraction {
  const { categories, signals, business } = desk;
  const { text, categoryId } = enquiry;
  const ranked = { label: categoryId, confidence: 1 };
  const { missingInformation, priority } = triageByRules(
    {
      subject: "",
      text,
      written: text,
      told: text,
      customerName: "",
      priority: "low",
      categories,
      signals,
      deskLanguage: business.locale.slice(0, 2),
      router: null,
    },
    { ...ranked, inScope: true, ranking: [ranked] },
  );
  return { enquiry, missing: missingInformation.map(({ id }) => id), priority };
}

const share = (part: number, whole: number): number | null =>
  whole === 0 ? null : Math.round((part / whole) * 1_000) / 1_000;

/** Priority and missing information, extracted by the sample desk's written rules from its own enquiries. */
export async function measureFields(): Promise<object> {
  const read = readDeskPack(await readFolder(DESK));
  if ("problems" in read) throw new Error(`the sample desk has ${read.problems.length} problems`);
  const desk: Desk = { ...read.pack.desk, apiKeys: [] };
  const found = ENQUIRIES.map((enquiry) => extract(desk, enquiry));
  const asked = found.reduce((sum, { missing }) => sum + missing.length, 0);
  const wanted = found.reduce((sum, { enquiry }) => sum + enquiry.missing.length, 0);
  const right = found.reduce(
    (sum, { enquiry, missing }) => sum + missing.filter((id) => enquiry.missing.includes(id)).length,
    0,
  );
  const differing = found.filter(
    ({ enquiry, missing, priority }) =>
      priority !== enquiry.priority || missing.toSorted().join() !== enquiry.missing.toSorted().join(),
  );
  return {
    enquiries: found.length,
    priorityAccuracy: share(
      found.filter(({ enquiry, priority }) => priority === enquiry.priority).length,
      found.length,
    ),
    missingInformation: { asked, wanted, precision: share(right, asked), recall: share(right, wanted) },
    differing: differing.map(({ enquiry, missing, priority }) => ({
      text: enquiry.text,
      expected: { priority: enquiry.priority, missing: enquiry.missing },
      found: { priority, missing },
    })),
  };
}
