// Connects like @microsoft/durabletask-js-azuremanaged with Authentication=None: the programs run on any gRPC sidecar.
"use strict";
const { Metadata } = require("@grpc/grpc-js");
const { NoOpLogger, TaskHubGrpcClient, TaskHubGrpcWorker } = require("@microsoft/durabletask-js");

function parse(connectionString) {
  const pairs = connectionString.split(";").map((pair) => pair.split(/=(.*)/s).map((part) => part?.trim()));
  const values = new Map(pairs.map(([key, value]) => [key.toLowerCase(), value]));
  for (const key of ["Authentication", "TaskHub", "Endpoint"]) {
    if (!values.get(key.toLowerCase())) throw new Error(`The connection string must contain ${key}`);
  }
  return target(values.get("endpoint"), values.get("taskhub"));
}

function target(endpoint, taskHub) {
  const metadata = new Metadata();
  metadata.set("taskhub", taskHub);
  return { hostAddress: new URL(endpoint).host, metadataGenerator: async () => metadata, logger: new NoOpLogger() };
}

class WorkerBuilder {
  #options;
  #registrations = [];

  constructor(options) {
    this.#options = options;
    for (const name of ["Orchestrator", "NamedOrchestrator", "Activity", "NamedActivity", "Entity", "NamedEntity"]) {
      this[`add${name}`] = (...args) => {
        this.#registrations.push((worker) => worker[`add${name}`](...args));
        return this;
      };
    }
  }

  #set(key, value) {
    this.#options[key] = value;
    return this;
  }

  logger = (logger) => this.#set("logger", logger);
  shutdownTimeout = (timeoutMs) => this.#set("shutdownTimeoutMs", timeoutMs);
  versioning = (options) => this.#set("versioning", options);
  useWorkItemFilters = (filters = "auto") => this.#set("workItemFilters", filters);

  build() {
    const worker = new TaskHubGrpcWorker(this.#options);
    for (const register of this.#registrations) register(worker);
    return worker;
  }
}

class ClientBuilder {
  #options = {};

  connectionString(connectionString) {
    Object.assign(this.#options, parse(connectionString));
    return this;
  }

  endpoint(endpoint, taskHub) {
    Object.assign(this.#options, target(endpoint, taskHub));
    return this;
  }

  logger(logger) {
    this.#options.logger = logger;
    return this;
  }

  build() {
    return new TaskHubGrpcClient(this.#options);
  }
}

const options = (first, taskHub) => (taskHub === undefined ? parse(first) : target(first, taskHub));

exports.DurableTaskAzureManagedClientBuilder = ClientBuilder;
exports.createAzureManagedWorkerBuilder = (first, taskHub) => new WorkerBuilder(options(first, taskHub));
exports.createAzureManagedClient = (first, taskHub) => new TaskHubGrpcClient(options(first, taskHub));
