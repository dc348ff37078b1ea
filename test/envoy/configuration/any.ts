/** Small pieces of Envoy's configuration. */

export const any = (type: string, fields: object = {}): object => ({ '@type': `type.googleapis.com/envoy.${type}`, ...fields });

export const socket = (address: string, port_value: number, more: object = {}): object => ({
  socket_address: { address, port_value, ...more },
});

export const extension = (name: string, type: string, fields: object = {}): object => ({ name, typed_config: any(type, fields) });

/** Endpoints in the cluster itself. */
export const assignment = (cluster_name: string, ...lb_endpoints: readonly object[]): object => ({
  cluster_name,
  endpoints: [{ lb_endpoints }],
});

export const endpoint = (address: string, port: number, more: object = {}): object => ({
  endpoint: { address: socket(address, port) },
  ...more,
});

/** Who never answers: nothing listens at port 1. */
export const SILENT = 'control-plane-that-is-away';
export const silentSource = {
  api_config_source: { api_type: 'GRPC', transport_api_version: 'V3', grpc_services: [{ envoy_grpc: { cluster_name: SILENT } }] },
  initial_fetch_timeout: '0s',
  resource_api_version: 'V3',
};
