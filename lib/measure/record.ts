import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** Times in milliseconds. */
export interface Times {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** One second of a load, from its beginning. */
export interface LoadSecond {
  readonly second: number;
  /** Requests that were due in it, and how many of them failed. */
  readonly sent: number;
  readonly failed: number;
  /** Requests that ended in it, whenever they were due. */
  readonly done: number;
  /** Times of the requests that were due in it, to 1 %. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

interface Bin {
  sent: number;
  failed: number;
  done: number;
  readonly times: RecordableHistogram;
}

/** Keeps times from a microsecond to an hour. */
export class TimesKeeper {
  private readonly histogram: RecordableHistogram;

  /** @param figures significant ones */
  public constructor(figures: 2 | 3) {
    this.histogram = histogram(figures);
  }

  public add(milliseconds: number): void {
    record(this.histogram, milliseconds);
  }

  public get times(): Times {
    const { count, min, mean, max } = this.histogram;
    const at = (percentile: number) => (count === 0 ? 0 : this.histogram.percentile(percentile) / 1000);
    return {
      count,
      min: count === 0 ? 0 : min / 1000,
      mean: count === 0 ? 0 : mean / 1000,
      p50: at(50),
      p90: at(90),
      p95: at(95),
      p99: at(99),
      p999: at(99.9),
      max: count === 0 ? 0 : max / 1000,
    };
  }
}

/** Seconds of a load, as they fill. */
export class Seconds {
  private readonly bins = new Map<number, Bin>();

  public constructor(private readonly start: number) {}

  public sent(at: number): void {
    this.bin(at).sent++;
  }

  public ended(due: number, at: number, failed: boolean): void {
    this.bin(at).done++;
    const bin = this.bin(due);
    if (failed) bin.failed++;
    record(bin.times, at - due);
  }

  /** One second, which may still be filling. */
  public at(second: number): LoadSecond {
    const bin = this.bins.get(second);
    const time = (percentile: number) => (bin === undefined || bin.times.count === 0 ? 0 : bin.times.percentile(percentile) / 1000);
    return {
      second,
      sent: bin?.sent ?? 0,
      failed: bin?.failed ?? 0,
      done: bin?.done ?? 0,
      p50: time(50),
      p95: time(95),
      p99: time(99),
    };
  }

  public get all(): LoadSecond[] {
    const last = [...this.bins.keys()].reduce((most, second) => Math.max(most, second), -1);
    return Array.from({ length: last + 1 }, (_, second) => this.at(second));
  }

  private bin(moment: number): Bin {
    const second = Math.max(0, Math.floor((moment - this.start) / 1000));
    let bin = this.bins.get(second);
    if (bin === undefined) {
      bin = { sent: 0, failed: 0, done: 0, times: histogram(2) };
      this.bins.set(second, bin);
    }
    return bin;
  }
}

function histogram(figures: number): RecordableHistogram {
  return createHistogram({ lowest: 1, highest: 3_600_000_000, figures });
}

function record(into: RecordableHistogram, milliseconds: number): void {
  into.record(Math.min(3_600_000_000, Math.max(1, Math.round(milliseconds * 1000))));
}
