// Lets activities fail, or return what a scenario wants, and counts their calls.

/**
 * @typedef {object} Plan
 * @property {Record<string, unknown[]>} calls activity -> the inputs of its calls, in order
 * @property {(name: string, input: unknown, run: () => unknown) => Promise<unknown>} call
 */

/**
 * @param {{faults?: Record<string, number>, results?: Record<string, unknown[]>}} scenario
 * @returns {Plan}
 */
export function faulty({ faults = {}, results = {} }) {
  const left = { ...faults };
  const queued = Object.fromEntries(Object.entries(results).map(([name, values]) => [name, [...values]]));
  /** @type {Record<string, unknown[]>} */
  const calls = {};
  return {
    calls,
    async call(name, input, run) {
      (calls[name] ??= []).push(input);
      // A key may name one input of an activity: "resizeImage broken.png".
      const key = [`${name} ${typeof input === "string" ? input : ""}`, name].find((each) => left[each] > 0);
      if (key) {
        left[key]--;
        throw new Error(`${name} is broken`);
      }
      return queued[name]?.length ? queued[name].shift() : run();
    },
  };
}
