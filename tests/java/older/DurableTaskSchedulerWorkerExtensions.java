package com.microsoft.durabletask.azuremanaged;

import com.microsoft.durabletask.DurableTaskGrpcWorkerBuilder;
import java.net.URI;

/** Plays the scheduler package, which repositories with the older SDK lack: knows `Endpoint` alone. */
public final class DurableTaskSchedulerWorkerExtensions {
  private DurableTaskSchedulerWorkerExtensions() {}

  public static DurableTaskGrpcWorkerBuilder createWorkerBuilder(String connection) {
    return new DurableTaskGrpcWorkerBuilder().port(port(connection));
  }

  static int port(String connection) {
    return URI.create(connection.replaceFirst(".*Endpoint=([^;]+).*", "$1")).getPort();
  }
}
