/** An IPv4 address as a number, or undefined when the text is none. */
export function parseAddress(text: string): number | undefined {
  if (typeof text !== 'string') return undefined; // as JavaScript may have it
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255) || text.split('.').some((part) => part.length > 1 && part.startsWith('0')))
    return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** The dotted text of an address. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** An IPv4 subnet in CIDR notation, e.g. `192.168.56.0/24`. */
export class Subnet {
  /** Reads CIDR notation; undefined when the text is none or has bits beyond the prefix. */
  public static parse(text: string): Subnet | undefined {
    const [address = '', prefix = '', ...rest] = typeof text === 'string' ? text.split('/') : [];
    const base = parseAddress(address);
    if (base === undefined || rest.length > 0 || !/^[1-9]\d?$/.test(prefix) || Number(prefix) > 30 || Number(prefix) < 8) return undefined;
    const subnet = new Subnet(base, Number(prefix));
    return subnet.first === base ? subnet : undefined;
  }

  private constructor(
    private readonly base: number,
    /** Number of network bits. */
    public readonly prefix: number,
  ) {}

  /** The network's own address. */
  public get first(): number {
    return this.base - (this.base % this.size);
  }

  /** The broadcast address. */
  public get last(): number {
    return this.first + this.size - 1;
  }

  public get netmask(): string {
    return formatAddress(2 ** 32 - this.size);
  }

  public contains(address: number): boolean {
    return address >= this.first && address <= this.last;
  }

  public overlaps(other: Subnet): boolean {
    return this.contains(other.first) || other.contains(this.first);
  }

  public toString(): string {
    return `${formatAddress(this.first)}/${this.prefix}`;
  }

  private get size(): number {
    return 2 ** (32 - this.prefix);
  }
}
