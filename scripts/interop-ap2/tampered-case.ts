/** A chain that we reject, and the peers that do not. */
export interface Tampered {
  readonly id: string;
  readonly chain: string;
  /** The code of our rejection. */
  readonly code: string;
  /** The peers that accept it. */
  readonly acceptedBy?: readonly string[];
  /** Default: the chain need only be classically valid. */
  readonly policy?: 'pq-required';
}

/** The names of the peers. */
export const EVERYONE = ['libraries', 'SDK'];
