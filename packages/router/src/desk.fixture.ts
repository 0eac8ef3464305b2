import type { LabelledText } from "./model.ts";

/** A small service desk: six categories, ten examples each, written for these tests. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  password: [
    "I forgot my password and cannot sign in",
    "Please reset my password",
    "My account is locked after too many attempts",
    "Password expired this morning, how do I set a new one?",
    "The reset link for my password does not arrive",
    "Locked out of my account since yesterday",
    "I need a new password for the payroll portal",
    "Sign-in says wrong password, but I am sure it is right",
    "How can I unlock my account?",
    "Can't log in, it says that the account is locked",
  ],
  vpn: [
    "VPN drops every ten minutes",
    "Cannot connect to the VPN from home",
    "The VPN client says error 809",
    "Remote access over VPN is very slow today",
    "VPN keeps asking me to reconnect",
    "No VPN connection since the update",
    "How do I install the VPN client on my laptop?",
    "VPN tunnel fails with a timeout from the hotel",
    "My remote connection breaks off during calls over VPN",
    "Connected to VPN but I cannot reach the file server",
  ],
  printer: [
    "The printer on floor three is jammed",
    "My print job stays in the queue",
    "Printer prints empty pages",
    "We are out of toner in the copy room",
    "Cannot find the printer in the list",
    "The printer is offline again",
    "Scans from the printer never reach my mailbox",
    "Paper jam in the big copier",
    "Colours come out wrong when printing",
    "How do I add a network printer?",
  ],
  hardware: [
    "My laptop screen is cracked",
    "The docking station does not charge my laptop",
    "Keyboard has broken keys",
    "I need a second monitor for my desk",
    "The laptop battery lasts only one hour",
    "Mouse stopped working",
    "My headset microphone is broken",
    "Laptop fan is very loud and it gets hot",
    "The monitor flickers all the time",
    "Please replace my broken charger",
  ],
  access: [
    "I need access to the finance folder",
    "Please give the new colleague rights to the shared drive",
    "Permission denied when I open the project folder",
    "Request access to the CRM for our intern",
    "Remove the rights of a colleague who has left",
    "Can you add me to the marketing group?",
    "I need write permission for the team site",
    "Who approves access to the HR folder?",
    "My rights on the shared drive are gone",
    "Grant the auditor read access to the reports",
  ],
  email: [
    "Outlook does not receive new mail",
    "My mailbox is full",
    "I cannot send attachments by mail",
    "How do I set an out of office reply?",
    "Mail to customers bounces back",
    "Please create a shared mailbox for support",
    "Outlook asks to repair the profile",
    "I get a lot of spam mail",
    "Calendar invitations vanish from Outlook",
    "My mail signature has the old logo",
  ],
};

/** Not one word of it has to do with a service desk. */
export const STRANGERS: readonly string[] = [
  "Which wine goes with grilled salmon?",
  "Tell me a joke about penguins",
  "What year did the Roman empire fall",
  "Bake the bread until golden brown",
  "Who won the football match on Sunday?",
  "Translate good evening into Japanese",
  "Cheap flights to Lisbon during summer",
  "How tall does a giraffe grow",
];

/** The examples of each label split at a place, so that a test judges on texts that training has not seen. */
export function deskExamples(place = 7): { train: LabelledText[]; test: LabelledText[] } {
  const all = Object.entries(EXAMPLES).map(([label, texts]) => texts.map((text) => ({ text, label })));
  return { train: all.flatMap((group) => group.slice(0, place)), test: all.flatMap((group) => group.slice(place)) };
}
