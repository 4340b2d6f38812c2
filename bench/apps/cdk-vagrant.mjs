// This library as its users get it: what `npm run build` makes, run by plain node.
import { App, Cluster, Container, Element, HaproxyFrontend, Site, Stack, WebBackend } from '../../dist/index.js';
import { MACHINES, mark, OUTPUT, placesOn, tell } from './measure.mjs';

mark('start');
const app = new App({ outdir: OUTPUT });
const stack = new Stack(app, 'site');
const cluster = new Cluster(stack, 'Cluster', { subnet: '192.168.56.0/21' });
const members = Array.from({ length: MACHINES }, (_, index) => cluster.addMember(`vm${index}`, { address: `192.168.57.${index + 1}` }));
const web = new WebBackend(stack, 'web', { site: Site.html('<p>page</p>\n') });
new HaproxyFrontend(stack, 'http', { on: members[0], port: 80, publishPort: 1080, defaultBackend: web });
for (const [machine, on] of members.entries()) {
  const [from, to] = placesOn(machine);
  for (let index = from; index < to; index++) {
    // Fewer than 100 numbers in a row on one machine: no two names have one stable place.
    new Container(stack, `app${index}`, { on, isolated: true });
    web.addServer(`web${index}`, { on });
  }
}
mark('construct');

// Of all checks validations come last, and of these the one of the tree's last construct.
new Element(app, 'last').node.addValidation({
  validate: () => {
    mark('check');
    return [];
  },
});
const { assemble } = app;
app.assemble = () => {
  const assembly = assemble.call(app);
  mark('render');
  return assembly;
};
const { warnings, written } = app.synth();
mark('publish');
if (warnings.length > 0) throw new Error('the bench is to have no warnings');
tell({ written: written.length });
