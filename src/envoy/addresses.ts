/** `10.0.0.7:8080`, `[fd00::7]:8080`; undefined for what is none. */
export function socketOf(text: string | undefined): { readonly address: string; readonly port: number } | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d+)$/.exec(text ?? '') ?? [];
  const address = bracketed ?? plain;
  return address === undefined || port === undefined ? undefined : { address, port: Number(port) };
}
