import { fileURLToPath } from 'node:url';

const HERE = new URL('.', import.meta.url);
const OUR_FRAMES = [HERE.href, fileURLToPath(HERE)];

/**
 * An assertion about a stack does not hold. Its `name` is that of a plain Error: what is named AssertionError, Jest takes for one of
 * `node:assert` and hides the message among values that it compares.
 */
export class AssertionError extends Error {
  public constructor(message: string) {
    super(message);
    // The first frame is the line of the test; ours would only hide it.
    const frames = this.stack?.split('\n').filter((line) => !OUR_FRAMES.some((place) => line.includes(place)));
    if (frames !== undefined) this.stack = frames.join('\n');
  }
}
