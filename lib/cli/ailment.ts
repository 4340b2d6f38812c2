/** One thing that was looked at. */
export interface Ailment {
  readonly state: 'well' | 'doubtful' | 'ill';
  /** What was seen, and, unless it is well, the remedy. */
  readonly message: string;
}

export const well = (message: string): Ailment => ({ state: 'well', message });
export const doubtful = (message: string): Ailment => ({ state: 'doubtful', message });
export const ill = (message: string): Ailment => ({ state: 'ill', message });
