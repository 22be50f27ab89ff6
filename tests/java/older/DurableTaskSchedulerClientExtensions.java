package com.microsoft.durabletask.azuremanaged;

import com.microsoft.durabletask.DurableTaskGrpcClientBuilder;

/** The twin of the worker's for the client. */
public final class DurableTaskSchedulerClientExtensions {
  private DurableTaskSchedulerClientExtensions() {}

  public static DurableTaskGrpcClientBuilder createClientBuilder(String connection) {
    return new DurableTaskGrpcClientBuilder().port(DurableTaskSchedulerWorkerExtensions.port(connection));
  }
}
