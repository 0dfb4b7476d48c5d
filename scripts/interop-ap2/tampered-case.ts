/** A chain that we refuse, and who does not. */
export interface Tampered {
  readonly id: string;
  readonly chain: string;
  /** Of our refusal. */
  readonly code: string;
  /** The peers that accept it. */
  readonly acceptedBy?: readonly string[];
  /** Default: nothing is expected of a chain but that it be classically sound. */
  readonly policy?: 'pq-required';
}

/** The names of the peers. */
export const EVERYONE = ['libraries', 'SDK'];
