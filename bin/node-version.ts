// Comes before all that asks for Node's modules, which Node 21 and 22.0 to 22.2 have no way to do.
if (!process.getBuiltinModule) {
  process.stderr.write(`cdkv: Node ${process.versions.node} will not do; install 22.12 or later, or the newest 20\n`);
  process.exit(2);
}
