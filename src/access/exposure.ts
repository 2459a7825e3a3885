import { isIP } from 'node:net';
import { splitList } from '../split-list.js';
import { isLoopbackName } from './loopback.js';
import type { AccessSettings } from './settings.js';

/** How the standalone server can be reached. */
interface Exposure {
  readonly host: string;
  readonly trustProxy: string;
}

const NETWORKS = ['loopback', 'linklocal', 'uniquelocal'];
const WAYS_ON =
  'set AUTH_KEYS_FILE (npx sluice-key makes keys), AUTH_JWT_KEY or AUTH_JWT_SECRET, or AUTH=off to let everybody publish and watch';

/** Why a server that others reach must not start: nothing says who may use it. */
export function problemOfExposure({ auth, host, trustProxy }: AccessSettings & Exposure): string | undefined {
  const wrong = splitList(trustProxy).find((item) => !isNetwork(item));
  if (wrong !== undefined) {
    return `TRUST_PROXY: must be addresses, networks (10.0.0.0/8) or ${NETWORKS.join(', ')}, but it has '${wrong}'`;
  }
  if (auth !== 'local') {
    return undefined;
  }
  if (!isLoopbackName(host)) {
    return `HOST: others reach ${host}, and nothing says who may publish and watch: ${WAYS_ON}`;
  }
  return trustProxy === ''
    ? undefined
    : `TRUST_PROXY: others come through a proxy, and nothing says who may publish and watch: ${WAYS_ON}`;
}

function isNetwork(item: string): boolean {
  const [address = '', bits, ...rest] = item.split('/');
  const size = isIP(address) === 6 ? 128 : 32;
  const isPrefix = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= size);
  return NETWORKS.includes(item) || (isIP(address) !== 0 && isPrefix && rest.length === 0);
}
