/** A client that outlives its connections: it reconnects, and its listeners stay. */

import type { AllCalls, AllEvents } from '../../shared/contract';
import { Fault } from '../../shared/fault';
import { connect, type Client, type Wire } from '../../shared/rpc';
import type { Asked } from '../../shared/spec/place';

/** Milliseconds before the first and at most between later tries. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 5000;

export class Link {
  private client: Promise<Client>;
  private readonly listeners: { name: keyof AllEvents; listener: (data: never) => void }[] = [];
  private attempts = 0;

  /** `onState` hears null when connected, else why not. */
  constructor(
    private readonly open: () => Promise<Wire>,
    private readonly onState: (lost: string | null) => void,
  ) {
    this.client = this.begin();
  }

  async call<Name extends keyof AllCalls>(
    name: Name,
    args: Asked<AllCalls[Name]['args']>,
  ): Promise<AllCalls[Name]['result']> {
    return (await this.client).call(name, args);
  }

  on<Name extends keyof AllEvents>(name: Name, listener: (data: AllEvents[Name]) => void): void {
    this.listeners.push({ name, listener: listener as (data: never) => void });
    void this.client.then((client) => client.on(name, listener));
  }

  private async begin(): Promise<Client> {
    for (;;) {
      try {
        const client = connect(await this.open());
        for (const { name, listener } of this.listeners) client.on(name, listener as () => void);
        this.attempts = 0;
        void client.closed.then((reason) => {
          this.onState(reason);
          this.client = this.begin();
        });
        this.onState(null);
        return client;
      } catch (error) {
        this.onState(error instanceof Fault ? error.message : (error as Error).message);
        const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.attempts++);
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }
}
