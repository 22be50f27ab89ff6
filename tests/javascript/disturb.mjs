// Runs code in a world in which whatever replay must not depend on has changed: clock, chance, environment, time zone.
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";

const RealDate = Date;
const HOUR = 3_600_000;

/**
 * @template T
 * @param {number} seed which world: each seed has another clock, time zone, environment
 * @param {() => Promise<T>} body
 * @returns {Promise<T>}
 */
export async function inAnotherWorld(seed, body) {
  const saved = {
    Date: globalThis.Date,
    random: Math.random,
    now: performance.now,
    env: process.env,
    randomUUID: crypto.randomUUID,
    zone: process.env.TZ,
  };
  let reads = 0;
  // Another day and another hour; every second world leaps at each look at the clock.
  const shift = () => (seed % 2 ? 403 : 12) * 24 * HOUR + (5 + 3 * seed) * HOUR + (seed % 2 ? 20_000 * ++reads : 0);
  globalThis.Date = /** @type {DateConstructor} */ (
    new Proxy(RealDate, {
      construct: (target, args, self) =>
        Reflect.construct(
          target,
          args.length ? args : [target.now() + shift()],
          self === globalThis.Date ? target : self,
        ),
      get: (target, key) => (key === "now" ? () => RealDate.now() + shift() : Reflect.get(target, key)),
    })
  );
  let state = 7919 * seed + 1;
  Math.random = () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  performance.now = () => saved.now.call(performance) + shift();
  crypto.randomUUID = () => /** @type {any} */ (`00000000-0000-4000-8000-${String(state++).padStart(12, "0")}`);
  syncBuiltinESMExports();
  process.env.TZ = seed % 2 ? "Pacific/Kiritimati" : "America/St_Johns";
  process.env = new Proxy(saved.env, {
    get: (target, key) =>
      typeof key === "string" && /^[A-Z][A-Z_]+$/.test(key) && key !== "TZ" ? `${seed}` : target[String(key)],
  });
  try {
    return await body();
  } finally {
    process.env = saved.env;
    if (saved.zone === undefined) delete process.env.TZ;
    else process.env.TZ = saved.zone;
    Object.assign(globalThis, { Date: saved.Date });
    Math.random = saved.random;
    performance.now = saved.now;
    crypto.randomUUID = saved.randomUUID;
    syncBuiltinESMExports();
  }
}
