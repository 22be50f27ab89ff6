// The part of @microsoft/durabletask-js-azuremanaged 0.4.0 that the programs use, with its signatures.
import type {
  EntityFactory,
  Logger,
  TActivity,
  TOrchestrator,
  TaskHubGrpcClient,
  TaskHubGrpcWorker,
  VersioningOptions,
  WorkItemFilters,
} from "@microsoft/durabletask-js";

/** What @azure/identity calls a TokenCredential, as far as this package calls it. */
export interface TokenCredential {
  getToken(scopes: string | string[]): Promise<{ token: string; expiresOnTimestamp: number } | null>;
}

export declare class DurableTaskAzureManagedWorkerBuilder {
  addOrchestrator(fn: TOrchestrator): this;
  addNamedOrchestrator(name: string, fn: TOrchestrator): this;
  addActivity(fn: TActivity<any, any>): this;
  addNamedActivity(name: string, fn: TActivity<any, any>): this;
  addEntity(factory: EntityFactory): this;
  addNamedEntity(name: string, factory: EntityFactory): this;
  logger(logger: Logger): this;
  shutdownTimeout(timeoutMs: number): this;
  versioning(options: VersioningOptions): this;
  useWorkItemFilters(filters?: WorkItemFilters): this;
  build(): TaskHubGrpcWorker;
}

export declare class DurableTaskAzureManagedClientBuilder {
  connectionString(connectionString: string): this;
  endpoint(endpoint: string, taskHubName: string, credential?: TokenCredential | null): this;
  logger(logger: Logger): this;
  build(): TaskHubGrpcClient;
}

export declare function createAzureManagedWorkerBuilder(connectionString: string): DurableTaskAzureManagedWorkerBuilder;
export declare function createAzureManagedWorkerBuilder(
  endpoint: string,
  taskHubName: string,
  credential?: TokenCredential | null,
): DurableTaskAzureManagedWorkerBuilder;

export declare function createAzureManagedClient(connectionString: string): TaskHubGrpcClient;
export declare function createAzureManagedClient(
  endpoint: string,
  taskHubName: string,
  credential?: TokenCredential | null,
): TaskHubGrpcClient;
