import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Metadata, type ServerDuplexStream, status } from '@grpc/grpc-js';
import { type Answer, field, messageType, method, type SessionService } from './session-service.ts';

/**
 * Lets `RUN --mount=type=ssh` talk to the agents at these sockets, by their ids
 * (https://github.com/moby/buildkit/blob/master/session/sshforward/ssh.proto). Keys never leave
 * their agent.
 */
export function sshService(agents: ReadonlyMap<string, string>): SessionService {
  const socketOf = (id: string): string | undefined => agents.get(id || 'default');
  return {
    methods: [checkPath, forwardPath],
    definition: {
      ...method(checkPath, checkRequest, checkResponse),
      ...method(forwardPath, bytes, bytes, true),
    },
    handlers: {
      CheckAgent: ({ request }: { request: { ID: string } }, answer: Answer) => {
        if (socketOf(request.ID)) answer(null, {});
        else answer({ code: status.NOT_FOUND, details: `no ssh agent ${request.ID}` });
      },
      ForwardAgent: (call: Forwarding) => {
        const socket = socketOf(idOf(call.metadata));
        if (socket) forward(call, connect(socket));
        else call.emit('error', { code: status.NOT_FOUND, details: 'no such ssh agent' });
      },
    },
  };
}

type Forwarding = ServerDuplexStream<{ data: Buffer }, { data: Buffer }>;

const idOf = (metadata: Metadata): string => String(metadata.get('buildkit.ssh.id')[0] ?? '');

function forward(call: Forwarding, agent: Duplex): void {
  agent.on('data', (data: Buffer) => call.write({ data }));
  agent.on('end', () => call.end());
  agent.on('error', ({ message: details }) =>
    call.emit('error', { code: status.UNAVAILABLE, details }),
  );
  call.on('data', ({ data }) => agent.write(data));
  call.on('end', () => agent.end());
  call.on('error', () => agent.destroy());
  call.on('cancelled', () => agent.destroy());
}

const checkPath = '/moby.sshforward.v1.SSH/CheckAgent';
const forwardPath = '/moby.sshforward.v1.SSH/ForwardAgent';
const checkRequest = messageType('CheckAgentRequest', { ID: field(1, 'string') });
const checkResponse = messageType('CheckAgentResponse', {});
const bytes = messageType('BytesMessage', { data: field(1, 'bytes') });
