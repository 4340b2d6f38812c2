import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { HaproxyFrontend, Network } from '../../lib/index.js';
import { aSite, fill, output, PAGE, ROOT, removeTemporaries, stackOf } from '../support.js';

removeTemporaries();

// The containers' network for real, as far as one kernel can: machines m1 to m3 and their containers are network namespaces, the private
// network is a bridge between them. The synthesised firewall and call of make-network.sh run in each machine.

const SERVER = `require('node:http').createServer((request, answer) => answer.end(request.socket.remoteAddress)).listen(80, '0.0.0.0')`;
const CLIENT = `require('node:http').get({ host: process.argv[1], port: 80, timeout: 1500 }, (answer) => answer.on('data', (text) => process.stdout.write(text)))
  .on('timeout', () => process.exit(28)).on('error', () => process.exit(7))`;

/** A shell with the machines, the private network and the containers' links, which LXD makes else. */
const scene = (network: Network, steps: string) => {
  const { folder, files } = stackOf((stack) => {
    const { m1, m2, web } = aSite(stack, {}, { network });
    web.addServer('web4', { on: m2, site: PAGE });
    new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web });
  });
  const call = (member: number) => /^network (.*)$/m.exec(files[`s/m${member}_cfg.sh`] as string)?.[1] as string;
  const addresses = Object.fromEntries(
    Object.values(files).flatMap((text) =>
      [...text.matchAll(/^network_address (\w+) ([\d.]+) \S+/gm)].map(([, name, address]) => [name as string, address as string]),
    ),
  );
  const containers = { haproxy: 1, web2: 2, web4: 2, web3: 3 };
  const script = `set -euo pipefail
mount -t tmpfs none /run
mkdir -p /run/netns
inside() { ip netns exec "$@"; }
make() { inside "$1" bash ${join(ROOT, 'lib/lxd/templates/make-network.sh')} "\${@:2}"; }
fetch() { timeout 20 ip netns exec "$1" '${process.execPath}' -e "$client" "$2" || echo "none ($?)"; echo; }
client='${CLIENT.replaceAll("'", '"')}'
ip link add switch type bridge
ip link set switch up
ip address add 192.168.56.1/24 dev switch
for n in 1 2 3; do
  ip netns add m$n
  ip link add m$n type veth peer name eth1 netns m$n
  ip link set m$n master switch up
  ip -n m$n address add 192.168.56.1$n/24 dev eth1
  ip -n m$n link set eth1 up
  # The interface that a bridge is to have; with published ports and tunnels nobody looks at it.
  ip link add x$n type veth peer name eth2 netns m$n
  ip link set x$n master switch up
  inside m$n nft -f ${folder}/firewall/m$n.nft
done
${[1, 2, 3].map((n) => `call${n}=(${call(n)})`).join('\n')}
link() {
  ip netns add "$1"
  ip link add veth1 netns m$2 type veth peer name eth1 netns "$1"
  ip -n m$2 link set veth1 name "veth$1" mtu "$(inside m$2 cat /sys/class/net/cdkv0/mtu)" master cdkv0 up
  ip -n "$1" link set eth1 mtu "$(inside m$2 cat /sys/class/net/cdkv0/mtu)" up
  ip -n "$1" address add "$3" dev eth1
  inside "$1" '${process.execPath}' -e "$server" &
}
server='${SERVER.replaceAll("'", '"')}'
links() {
${Object.entries(containers)
  .map(([name, n]) => `  link ${name} ${n} ${addresses[name]}/${network.kind === 'vxlan' ? 16 : 24}`)
  .join('\n')}
  sleep 1
}
${steps}
`;
  const path = join(fill(folder, { 'scene.sh': script }), 'scene.sh');
  const told = output('unshare', [
    '--user',
    '--map-root-user',
    '--net',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    'timeout',
    '60',
    'bash',
    path,
  ]);
  return { lines: told.trim().split('\n').filter(Boolean), addresses, call };
};

describe('VXLAN', () => {
  let seen: ReturnType<typeof scene>;
  beforeAll(() => {
    seen = scene(
      Network.vxlan(),
      `make m1 "\${call1[@]}"
for n in 2 3; do call=call$n[@]; make m$n "\${!call}" >/dev/null; done
echo again; make m1 "\${call1[@]}"
links
web2=$(ip -n web2 -json address show eth1 | jq -r '.[0].addr_info[0].local')
web3=$(ip -n web3 -json address show eth1 | jq -r '.[0].addr_info[0].local')
haproxy=$(ip -n haproxy -json address show eth1 | jq -r '.[0].addr_info[0].local')
echo over the tunnel; fetch haproxy $web2; fetch haproxy $web3
echo others; fetch web3 $web2; fetch web4 $web2
echo from the private network
ip link add cdkvx9 type vxlan id 78 local 192.168.56.1 remote 192.168.56.11 dstport 4789
ip address add 10.78.0.9/16 dev cdkvx9; ip link set cdkvx9 up
timeout 20 '${process.execPath}' -e "$client" $haproxy || echo "none ($?)"
ip link delete cdkvx9
echo the machine; inside m2 ip route add 10.78.0.0/16 dev cdkv0; fetch m2 $web2
inside haproxy ip route add 192.168.56.0/24 dev eth1
inside m1 ip route add 10.78.0.0/16 dev cdkv0
inside haproxy ip neighbour add 192.168.56.11 lladdr $(inside m1 cat /sys/class/net/cdkv0/address) dev eth1; fetch haproxy 192.168.56.11
echo changed members; make m1 vxlan 192.168.56.11 1450 192.168.56.12 192.168.56.14
echo another address; make m1 vxlan 192.168.56.15 1450 192.168.56.12
echo then; inside m1 bridge fdb show dev cdkvx0 | grep -o 'dst .*self'`,
    );
  }, 60_000);
  const between = (start: string, end: string) => seen.lines.slice(seen.lines.indexOf(start) + 1, seen.lines.indexOf(end));

  it('is made once', () => {
    expect(seen.lines.slice(0, 4)).toEqual([
      'made the bridge cdkv0',
      'made the tunnel cdkvx0 from 192.168.56.11',
      'connected it with 192.168.56.12',
      'connected it with 192.168.56.13',
    ]);
    expect(between('again', 'over the tunnel')).toEqual([]);
  });

  it('carries requests from machine to machine, with the address of who asks', () => {
    expect(between('over the tunnel', 'others')).toEqual([seen.addresses.haproxy, seen.addresses.haproxy]);
  });

  it('leads nobody to a server but its balancers', () => {
    expect(between('others', 'from the private network')).toEqual(['none (28)', 'none (28)']);
    expect(between('from the private network', 'the machine')).toEqual(['none (28)']);
    expect(between('the machine', 'changed members')).toEqual(['none (28)', 'none (28)']);
  });

  it('follows the members', () => {
    expect(between('changed members', 'another address')).toEqual([
      'connected it with 192.168.56.14',
      'disconnected it from 192.168.56.13',
    ]);
    expect(between('another address', 'then')).toEqual(['made the tunnel cdkvx0 from 192.168.56.15', 'connected it with 192.168.56.12']);
  });
});

describe('bridged', () => {
  let seen: ReturnType<typeof scene>;
  beforeAll(() => {
    seen = scene(
      Network.bridged(),
      `for n in 1 2 3; do call=call$n[@]; ip -n m$n link set eth2 address "$(cut -d ' ' -f 2 <<<"\${!call}")"; make m$n "\${!call}"; done
echo again; make m1 "\${call1[@]}"
links
web2=$(ip -n web2 -json address show eth1 | jq -r '.[0].addr_info[0].local')
haproxy=$(ip -n haproxy -json address show eth1 | jq -r '.[0].addr_info[0].local')
echo over the private network; fetch haproxy $web2
echo the host; timeout 20 '${process.execPath}' -e "$client" $haproxy; echo; timeout 20 '${process.execPath}' -e "$client" $web2 || echo "none ($?)"
echo others; fetch web3 $web2; fetch m3 $web2
echo the machine by its own address only; inside web3 ip neighbour flush dev eth1; fetch web3 192.168.56.12; inside web3 ip -json neighbour show 192.168.56.12 | jq -r '.[0].lladdr'; ip -n m2 -json link show eth1 | jq -r '.[0].address'
echo then tunnels; make m1 vxlan 192.168.56.11 1450 192.168.56.12
ip -n m1 link set eth2 mtu 1400
echo and back; make m1 "\${call1[@]}"
inside m1 cat /sys/class/net/cdkv0/mtu
ip -n m1 link set eth2 address 02:00:00:00:00:09
inside m1 sed 's/{1..30}/{1..30}; do break; done; for try in 30/' ${join(ROOT, 'lib/lxd/templates/make-network.sh')} | inside m1 bash -s "\${call1[@]}" 2>&1 || echo "refused ($?)"`,
    );
  }, 60_000);
  const between = (start: string, end?: string) =>
    seen.lines.slice(seen.lines.indexOf(start) + 1, end === undefined ? undefined : seen.lines.indexOf(end));

  it('is made once', () => {
    expect(seen.lines.slice(0, 2)).toEqual(['made the bridge cdkv0', 'put eth2 on the bridge cdkv0']);
    expect(between('again', 'over the private network')).toEqual([]);
  });

  it('carries requests from machine to machine, and those of everybody to a balancer', () => {
    expect(between('over the private network', 'the host')).toEqual([seen.addresses.haproxy]);
    expect(between('the host', 'others')).toEqual(['192.168.56.1', 'none (28)']);
  });

  it('leads nobody to a server but its balancers', () => {
    expect(between('others', 'the machine by its own address only')).toEqual(['none (28)', 'none (28)']);
  });

  it("lets a machine answer for its address by its own interface only, not by the bridge's", () => {
    const [answer, asked, own] = between('the machine by its own address only', 'then tunnels');
    expect(answer).toBe('none (7)');
    expect(asked).toBe(own);
  });

  it('becomes another network and comes back', () => {
    expect(between('then tunnels', 'and back')).toEqual([
      'took eth2 off the bridge cdkv0',
      'made the tunnel cdkvx0 from 192.168.56.11',
      'connected it with 192.168.56.12',
    ]);
    // Packets are then as large as those of the private network.
    expect(between('and back').slice(0, 3)).toEqual(['removed the tunnel cdkvx0', 'put eth2 on the bridge cdkv0', '1400']);
  });

  it('says when the interface is not there', () => {
    expect(between('and back').slice(3)).toEqual([
      expect.stringMatching(/^no interface has the hardware address 02:cd:.* vagrant destroy -f/),
      'refused (1)',
    ]);
  });
});
