import { describe, expect, it } from 'vitest';
import { App, Element, Machine, Stack, type Target } from '../../lib/index.js';

const address = '192.168.56.5';

class Own extends Element {
  public constructor(scope: Stack, id: string) {
    super(scope, id);
  }

  public override toResource() {
    return { type: 'Container', name: 'own-container', properties: { engine: 'podman' } };
  }
}

function filesOf(app: App): string[] {
  const stack = new Stack(app, 's');
  new Machine(stack, 'vm', { address });
  return app.assemble().stacks[0]?.files.map(({ path }) => path) ?? [];
}

describe('TopologyPicture', () => {
  it('is made whatever the target is, unless it is switched off', () => {
    const nothing: Target = { prepare: () => {} };
    expect(filesOf(new App({ targets: [nothing] }))).toEqual(['topology.svg', 'tree.json', 'manifest.json']);
    expect(filesOf(new App({ targets: [nothing], topology: false }))).toEqual(['tree.json', 'manifest.json']);
  });

  it("leaves out what is the user's own and only named like something of ours", () => {
    const app = new App();
    const stack = new Stack(app, 's');
    new Machine(stack, 'vm', { address });
    new Own(stack, 'Own');
    const picture = app.assemble().stacks[0]?.files.find(({ path }) => path === 'topology.svg');
    expect(Buffer.from(picture?.content ?? '').toString()).toContain('>1 machine<');
  });
});
