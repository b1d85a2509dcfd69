/** Preloaded into a process whose clock is wrong by CLOCK_SKEW_MS. Its timers run as they should, as do those of such a machine. */
const skewMs = Number(process.env['CLOCK_SKEW_MS']);
const RealDate = Date;

class SkewedDate extends RealDate {
  constructor(...args: [] | [number | string | Date]) {
    super(...((args.length === 0 ? [RealDate.now() + skewMs] : args) as [number]));
  }

  static override now(): number {
    return RealDate.now() + skewMs;
  }
}

globalThis.Date = SkewedDate as DateConstructor;
