import { TransientError } from "@opsdesk/errors";
import { mapped } from "./errors.ts";

const state = (code: string): Error => Object.assign(new Error(code), { code });

it.each(["57014", "55P03", "57P01", "40001", "53300", "08006", "ECONNABORTED", "ENETUNREACH"])(
  "takes %s for what may work later",
  (code) => expect(mapped(state(code))).toBeInstanceOf(TransientError),
);

it.each(["23505", "22P02", "42P01"])("leaves %s as it is: it would fail again", (code) => {
  const error = state(code);
  expect(mapped(error)).toBe(error);
});
