/** A small desk pack, written for tests: path → text. */
export const packFiles = (changes: Readonly<Record<string, string | undefined>> = {}): Record<string, string> => {
  const files: Record<string, string | undefined> = {
    "desk.yaml": `business: { id: it-helpdesk, name: Harbour IT, locale: en-GB, timeZone: Europe/London, signature: Harbour IT service desk }
reference: { prefix: OD-, firstNumber: 1025 }
ai: { enabled: true }
teams: [{ id: desk, name: Service desk }]
people:
  - { id: priya, name: Priya Nair, email: priya@harbour.example, role: reviewer, team: desk }
  - { id: dan, name: Dan Webb, email: dan@harbour.example, role: drafter, team: desk }
  - { id: vera, name: Vera Lind, role: viewer, team: desk }
  - { id: ada, name: Ada Cole, role: admin, team: desk }
lead: priya
owners: { network: priya }
responseTargets: { low: 2880, normal: 480, high: 120, urgent: 30 }
`,
    "categories.yaml": `categories:
  - id: network
    name: Network
    description: Wi-Fi and cables
    priority: normal
    examples: ["the wifi drops", "no network at my desk"]
  - id: printer
    name: Printers
    description: Printing and scanning
    priority: low
    examples: ["the printer jams", "nothing comes out of the printer"]
`,
    "policy.yaml": `autoSend: { enabled: false, categories: [], capPerCustomerPerDay: 1, capPerHour: 10 }
vetoRisks: []
groundednessMin: 0.5
evidenceMin: 1
undoSeconds: 0
linkHours: 24
`,
    "templates/wifi.md": `---
id: wifi
category: network
title: Wi-Fi drops
grounds: [wifi-playbook]
---
Please forget the network and join it again.
`,
    "knowledge/wifi-playbook.md": `---
id: wifi-playbook
title: Wi-Fi playbook
kind: playbook
audience: customer
---
# Wi-Fi drops

Forget the network and join it again.
`,
    "knowledge/printers.md": `---
id: printers
title: Printers
kind: faq
audience: customer
---
# Printers

Switch it off and on.
`,
    ...changes,
  };
  return Object.fromEntries(Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== undefined));
};
