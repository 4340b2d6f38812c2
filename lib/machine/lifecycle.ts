/**
 * Operating systems of boxes and container images, and the month in which their free support ends. A table in the repository,
 * so that the same app gives the same warnings on every day. Sources: Debian's and Ubuntu's release pages; checked 2026-11.
 */
const END_OF_LIFE: Readonly<Record<string, { readonly ended: boolean; readonly month: string; readonly instead: string }>> = {
  'debian/10': { ended: true, month: '2022-09', instead: 'debian/12' },
  'debian/11': { ended: true, month: '2024-08', instead: 'debian/12' },
  'debian/12': { ended: false, month: '2028-06', instead: 'debian/13' },
  'debian/13': { ended: false, month: '2030-06', instead: 'debian/13' },
  'ubuntu/16.04': { ended: true, month: '2021-04', instead: 'ubuntu/24.04' },
  'ubuntu/18.04': { ended: true, month: '2023-05', instead: 'ubuntu/24.04' },
  'ubuntu/20.04': { ended: true, month: '2025-05', instead: 'ubuntu/24.04' },
  'ubuntu/22.04': { ended: false, month: '2027-04', instead: 'ubuntu/24.04' },
  'ubuntu/24.04': { ended: false, month: '2029-05', instead: 'ubuntu/24.04' },
};

/** A sentence for a warning when `name` (a box or an image) is of a release whose support has ended; undefined otherwise. */
export function endOfLife(name: string): string | undefined {
  if (!judged.has(name)) judged.set(name, judge(name));
  return judged.get(name);
}

const judged = new Map<string, string | undefined>();

function judge(name: string): string | undefined {
  const words = name.toLowerCase();
  const [, system, number] = /(debian|ubuntu)[/:-]?(\d+(?:\.\d+)?)/.exec(words) ?? [];
  const codename = words.split(/[/:]/).map((part) => CODENAMES[part.replace(/64$/, '')]);
  const key = system === undefined ? codename.find((one) => one !== undefined) : `${system}/${number?.replace(/^(\d\d)(\d\d)$/, '$1.$2')}`;
  const life = key === undefined ? undefined : END_OF_LIFE[key];
  return life?.ended ? `"${name}" is ${key}, whose support ended in ${life.month}; use ${life.instead}` : undefined;
}

const CODENAMES: Readonly<Record<string, string>> = {
  buster: 'debian/10',
  bullseye: 'debian/11',
  bookworm: 'debian/12',
  xenial: 'ubuntu/16.04',
  bionic: 'ubuntu/18.04',
  focal: 'ubuntu/20.04',
  jammy: 'ubuntu/22.04',
};
