import type { ServiceDefinition, status, UntypedServiceImplementation } from '@grpc/grpc-js';
import protobuf from 'protobufjs/light.js';

/** How a service answers: an error, or null and the message. */
export type Answer = (error: { code: status; details: string } | null, value?: object) => void;

/** One service of a session, ready for a gRPC server, and the methods it has. */
export type SessionService = {
  definition: ServiceDefinition;
  handlers: UntypedServiceImplementation;
  /** The paths of its methods; BuildKit asks only for those that are announced. */
  methods: string[];
};

/** A message's fields by name: their number and type. */
export type Fields = Record<string, { id: number; type: string }>;

/**
 * The type of a message that has these fields, some of them perhaps of a type in `others`. What a
 * message has besides is passed over.
 */
export function messageType(
  name: string,
  fields: Fields,
  others: Record<string, Fields> = {},
): protobuf.Type {
  const types = Object.entries({ ...others, [name]: fields });
  const nested = Object.fromEntries(types.map(([key, value]) => [key, { fields: value }]));
  return protobuf.Root.fromJSON({ nested }).lookupType(name);
}

/** One method of a gRPC service, as `@grpc/grpc-js` wants it described. */
export function method(
  path: string,
  asked: protobuf.Type,
  answered: protobuf.Type,
  isStream = false,
): ServiceDefinition {
  return {
    [path.split('/').at(-1) ?? '']: {
      ...{ path, requestStream: isStream, responseStream: isStream },
      requestSerialize: (value: object) => Buffer.from(asked.encode(value).finish()),
      requestDeserialize: (bytes: Buffer) => asked.decode(bytes),
      responseSerialize: (value: object) => Buffer.from(answered.encode(value).finish()),
      responseDeserialize: (bytes: Buffer) => answered.decode(bytes),
    },
  };
}

/** A field of a message. */
export const field = (id: number, type: string): { id: number; type: string } => ({ id, type });
