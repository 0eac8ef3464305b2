/** Signed links that let a party without an account decide about one review. */
export interface DecisionLinks {
  url(reviewId: string, expiresAt: string): string;
  /** Whether the token was made here for this review and has not expired. */
  admits(reviewId: string, token: string, now: string): boolean;
}
