import { describe, expect, it } from 'vitest';
import { stablePlace } from '../../lib/lxd/index.js';
import { WebBackend } from '../../lib/web/index.js';
import { aCluster, PAGE, removeTemporaries, stackOf } from '../support.js';

removeTemporaries();

/** The same numbers in every run. */
function* draws(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

describe('stablePlace', () => {
  it('has not moved since the first release', () => {
    expect(stablePlace('web1', '10.77')).toEqual({ port: 22201, address: '10.77.123.11' });
    expect(stablePlace('haproxy', '10.77').address).toMatch(/^10\.77\.\d+\.\d+$/);
  });

  it('keeps its ranges, whatever the name', () => {
    const names = ['', '0', '7', 'a', 'A0', 'web00', 'web007', 'é', `x${'9'.repeat(40)}`];
    for (let index = 0; index < 2000; index++) names.push(`n${index.toString(36)}`, `app-${index}`, `${index}x`);
    for (const name of names) {
      const { port, address } = stablePlace(name, '10.77');
      const [, , third, fourth] = address.split('.').map(Number) as [number, number, number, number];
      expect(port >= 10_000 && port <= 31_999, `${name}: ${port}`).toBe(true);
      // Below the bridges' own address (.0.1) and the range of DHCP (.250), never .0 or .255.
      expect(third >= 1 && third <= 220 && fourth >= 10 && fourth <= 109, `${name}: ${address}`).toBe(true);
    }
  });

  it.each(['web', 'app-', 'x'])('gives %s1 to %s99 places of their own', (series) => {
    const places = Array.from({ length: 99 }, (_, index) => stablePlace(`${series}${index + 1}`, '10.77'));
    expect(new Set(places.map((place) => place.port)).size).toBe(99);
    expect(new Set(places.map((place) => place.address)).size).toBe(99);
  });
});

describe('a server', () => {
  it('stays where it is while others are added, removed and moved', () => {
    const random = draws(7);
    const draw = (below: number) => Math.floor((random.next().value as number) * below);
    const seen = new Map<string, string>();
    for (let round = 0; round < 40; round++) {
      stackOf((stack) => {
        const { m1, m2, m3 } = aCluster(stack);
        const web = new WebBackend(stack, 'web', { site: PAGE });
        const names = ['web1', 'web2', 'web3', 'api1', 'api2', 'static', 'shop-7'].filter(() => draw(2) === 1);
        for (const name of [...names, 'kept'].sort(() => draw(3) - 1)) {
          const { port, container } = web.addServer(name, { on: [m1, m2, m3][draw(3)] as typeof m1 });
          const place = `${port} ${container?.address}`;
          expect(seen.get(name) ?? place, `${name} in round ${round}`).toBe(place);
          seen.set(name, place);
        }
      });
    }
    expect(seen.size).toBe(8);
  });
});
