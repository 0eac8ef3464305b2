import { type Server, createServer } from "node:net";
import type { OutgoingMail } from "./channel.ts";
import { smtpChannel } from "./smtp-channel.ts";

/** A mail server as small as one can be: keeps the letters, or answers every recipient with `refusal`. */
async function mailServer(refusal?: string): Promise<{ url: string; letters: string[]; stop: () => Promise<void> }> {
  const letters: string[] = [];
  const server: Server = createServer((socket) => {
    let letter: string | undefined;
    socket.write("220 test\r\n");
    let rest = "";
    socket.on("data", (chunk) => {
      rest += chunk.toString("utf8");
      for (let end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (letter !== undefined) {
          if (line !== ".") letter += `${line}\r\n`;
          else {
            letters.push(letter);
            letter = undefined;
            socket.write("250 kept\r\n");
          }
        } else if (/^DATA/i.test(line)) {
          letter = "";
          socket.write("354 go on\r\n");
        } else if (/^RCPT/i.test(line) && refusal !== undefined) socket.write(`${refusal}\r\n`);
        else if (/^QUIT/i.test(line)) socket.end("221 bye\r\n");
        else socket.write("250 ok\r\n");
      }
    });
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    letters,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const mail: OutgoingMail = {
  messageId: "<msg_2@it-helpdesk.opsdesk>",
  to: { name: 'Sam "x" <evil@example.org>,\r\nBcc: evil@example.org', email: "sam@corp.example" },
  fromName: "Harbour IT",
  subject: "Re: Wi-Fi\r\nBcc: evil@example.org",
  text: "Join it again.",
  references: ["<one@corp.example>", "<two@corp.example>"],
  automatic: true,
};

describe("smtpChannel", () => {
  it("sends with the Message-ID it is given, says that a machine wrote it, and lets no header through a name", async () => {
    const server = await mailServer();
    const channel = smtpChannel({ url: server.url, from: "help@harbour.example" });
    await channel.send(mail, new AbortController().signal);
    await channel.send(mail, new AbortController().signal);
    channel.close();
    await server.stop();
    expect(server.letters).toHaveLength(2);
    for (const letter of server.letters) {
      expect(letter).toMatch(/^Message-ID: <msg_2@it-helpdesk\.opsdesk>\r$/im);
      expect(letter).toMatch(/^In-Reply-To: <two@corp\.example>\r$/im);
      expect(letter).toMatch(/^Auto-Submitted: auto-replied\r$/im);
      expect(letter).not.toMatch(/^Bcc:/im);
    }
  });

  it("tells what can never work from what may work later", async () => {
    for (const [answer, code] of [
      ["550 no such user", "channel_refused"],
      ["451 try later", "channel_unavailable"],
    ] as const) {
      const server = await mailServer(answer);
      const channel = smtpChannel({ url: server.url, from: "help@harbour.example" });
      await expect(channel.send(mail, new AbortController().signal)).rejects.toMatchObject({ code });
      channel.close();
      await server.stop();
    }
    const gone = smtpChannel({ url: "smtp://127.0.0.1:1", from: "help@harbour.example" });
    await expect(gone.send(mail, new AbortController().signal)).rejects.toMatchObject({ code: "channel_unavailable" });
    gone.close();
  });
});
