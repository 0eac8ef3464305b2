/** The source of what this service's own HTTP offers: whoever asked waits for the answer, and was authenticated here. */
export const HTTP_SOURCE = "/opsdesk/ingest/http";
