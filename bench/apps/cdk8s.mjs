// cdk8s: one chart, half Pods and half Services, each with about as many fields as our container or server has.
import { createRequire } from 'node:module';
import { COUNT, OUTPUT } from './measure.mjs';

// As in an app that is compiled to CommonJS, which is how these apps come.
const { ApiObject, App, Chart } = createRequire(import.meta.url)('cdk8s');

const app = new App({ outdir: OUTPUT });
const chart = new Chart(app, 'site');
for (let index = 0; index < COUNT / 2; index++) {
  new ApiObject(chart, `app${index}`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { labels: { app: `app${index}`, part: 'site' } },
    spec: {
      nodeName: `vm${index % 100}`,
      restartPolicy: 'Always',
      containers: [{ name: `app${index}`, image: 'ubuntu:24.04', ports: [{ containerPort: 80 }] }],
    },
  });
  new ApiObject(chart, `web${index}`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { labels: { app: `web${index}`, part: 'site' } },
    spec: {
      type: 'ClusterIP',
      selector: { app: `app${index}` },
      ports: [{ name: 'http', port: 10_000 + index, targetPort: 80, protocol: 'TCP' }],
    },
  });
}
app.synth();
