/** The ports at which Linkerd's destination and policy controllers answer proxies; both run in one pod. */
import { fieldsOf } from '../api/protobuf.ts';
import type { Inside, Programs } from '../options.ts';
import { type GrpcCall, GrpcProblem, grpcServer } from '../programs/grpc-server.ts';
import { endpointUpdates, profiles } from './destination-answers.ts';
import { programOf } from './pods.ts';
import { inboundServer } from './policy-answers.ts';

const DESTINATION_PORT = 8086;
const POLICY_PORT = 8090;

export function controllerApis(inside: Inside): Programs {
  const answering = (answers: (text: (number: number) => string, gone: AbortSignal) => AsyncIterable<Uint8Array>) =>
    async function* (call: GrpcCall<undefined>): AsyncIterable<Uint8Array> {
      for await (const bytes of call.messages) {
        yield* answers((number) => textAt(bytes, number), AbortSignal.any([call.gone, inside.closing]));
        return;
      }
      throw new GrpcProblem('INVALID_ARGUMENT', 'no request');
    };
  const openDestination = grpcServer<undefined>({
    'io.linkerd.proxy.destination.Destination/Get': answering((text, gone) => endpointUpdates(inside.store, text(2), gone)),
    'io.linkerd.proxy.destination.Destination/GetProfile': answering((text, gone) => profiles(inside.store, text(2), gone)),
  });
  const openPolicy = grpcServer<undefined>({
    'io.linkerd.proxy.inbound.InboundServerPolicies/GetPort': answering(async function* (text) {
      yield inboundServer(inside.store, text(1), Number(text(2)));
    }),
  });
  return {
    dial: (pod, port) => {
      if (programOf(pod) !== 'destination') return undefined;
      if (port === DESTINATION_PORT) return openDestination(undefined);
      return port === POLICY_PORT ? openPolicy(undefined) : undefined;
    },
  };
}

/** The value of a field, whether a text or a number; empty when it is absent. */
const textAt = (bytes: Buffer, number: number): string =>
  String([...fieldsOf(bytes)].find((field) => field.number === number)?.value ?? '');
