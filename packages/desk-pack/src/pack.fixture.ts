/** A desk pack that is as small as can be and still has every kind of file. Each test plants its own error in a copy. */
const FILES: Readonly<Record<string, string>> = {
  "desk.yaml": `business:
  id: corner-desk
  name: Corner Desk
  locale: en-GB
  timeZone: Europe/London
  signature: The Corner Desk
reference: { prefix: CD-, firstNumber: 7 }
teams:
  - { id: front, name: Front }
people:
  - { id: ada, name: Ada Byrne, email: ada@corner.example, role: reviewer, team: front }
lead: ada
owners:
  keys: ada
responseTargets: { low: 900, normal: 480, high: 120, urgent: 30 }
`,
  "categories.yaml": `categories:
  - id: keys
    name: Keys
    description: Lost and found keys.
    priority: normal
    asks:
      - id: door
        question: Which door?
        foundBy: { phrases: [front door], identifiers: [asset_tag] }
    examples: [I lost my key]
    examplesFile: examples/keys.yaml
`,
  "examples/keys.yaml": "- My key is stuck\n- The lock does not turn\n",
  "templates/keys.md": `---
id: keys-answer
category: keys
title: Keys
slots:
  - { name: customer_name, provenance: system }
  - { name: advice, provenance: knowledge, required: false, about: [spare key] }
grounds: [key-guide]
---
Hello {{customer_name}},

{{advice}}
`,
  "knowledge/doors/key-guide.md": `---
id: key-guide
title: Keys and doors
kind: faq
audience: customer
validFrom: 2026-01-01
validTo: 2027-01-01
---
# Keys

A spare key is at the front desk.
`,
  "policy.yaml": `autoSend: { enabled: true, categories: [keys], capPerCustomerPerDay: 2, capPerHour: 9 }
vetoRisks: [urgent]
groundednessMin: 0.6
evidenceMin: 1
undoSeconds: 0
linkHours: 48
signals:
  - { id: hurry, risk: urgent, priority: urgent, detail: It is urgent., phrases: [urgent] }
  - { id: anger, risk: complaint, detail: A complaint., phrases: [complaint] }
`,
  "scenarios/keys.yaml": `scenarios:
  - id: lost-key
    title: A lost key
    kind: auto_send
    input: { from: { name: Bo }, subject: Key, text: I lost my key. }
    expect:
      disposition: auto_approved
      category: keys
      template: keys-answer
      rules: [auto_send_licensed]
      citations: [key-guide]
`,
  "integrations.yaml": `endpoints:
  - name: crm
    url: https://crm.corner.example/hooks
    owner: ada
    contact: crm team
    team: front
    events: [reply.sent]
`,
};

export type Files = Map<string, string>;

export const somePack = (): Files => new Map(Object.entries(FILES));

/** The pack with one text of one file replaced; throws when the text is not there, so that no test checks nothing. */
export function withText(file: string, found: string, instead: string): Files {
  const files = somePack();
  const text = files.get(file);
  if (text === undefined || !text.includes(found)) throw new Error(`the fixture's ${file} does not contain ${found}`);
  return files.set(
    file,
    text.replace(found, () => instead),
  );
}

export const withFile = (file: string, text: string): Files => somePack().set(file, text);

export function withoutFile(file: string): Files {
  const files = somePack();
  files.delete(file);
  return files;
}
