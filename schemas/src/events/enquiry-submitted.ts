import Type from "typebox";
import { Channel, Email, Id, Personal, PersonalBlobRef, PersonalShort, Time, closed } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const enquirySubmitted = event(
  "enquiry.submitted",
  "1.0",
  {
    meaning: "A customer wrote to the business; the text is exactly what was written.",
    key: "thread",
    class: "command",
    producers: ["upstream", "console", "ingest", "evaluation"],
    consumers: ["ingest"],
  },
  closed({
    channel: Channel,
    from: closed({ name: PersonalShort, email: Type.Optional(Email), phone: Type.Optional(PersonalShort) }),
    subject: Type.Optional(PersonalShort),
    text: Personal,
    /** The sender's own id of this message. Without one every submission is a new enquiry. */
    externalId: Type.Optional(Id),
    /** External ids of earlier messages that this one answers, nearest last (an e-mail's References). */
    references: Type.Optional(Type.Array(Id, { maxItems: 100 })),
    receivedAt: Type.Optional(Time),
    automatic: Type.Optional(Type.Boolean()),
    attachments: Type.Optional(Type.Array(closed({ name: PersonalShort, blob: PersonalBlobRef }), { maxItems: 50 })),
  }),
);
export type EnquirySubmitted = DataOf<typeof enquirySubmitted>;
