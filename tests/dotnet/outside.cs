// Types of other packages that the recorded signatures name, and of xUnit as far as the examples use it.
namespace Azure.Core.Serialization { public abstract class ObjectSerializer {} }
namespace DurableTask.Core.Exceptions { public class OrchestrationAlreadyExistsException : Exception {} }
namespace DurableTask.Core.History { public class HistoryEvent {} }
namespace Grpc.Core { public enum StatusCode {} public class CallInvoker {} }
namespace Grpc.Net.Client { public class GrpcChannel {} }
namespace Microsoft.Azure.Functions.Worker
{
    public class BindingContext {}
    public class FunctionDefinition {}
    public class ScheduleStatus {}
    public class TraceContext {}
    public delegate Task FunctionExecutionDelegate(object context);
    public interface IInvocationFeatures {}
    public interface IFunctionsWorkerApplicationBuilder { IServiceCollection Services { get; } }
}
namespace Microsoft.Azure.Functions.Worker.Http
{
    public class HttpCookies {}
    public class InputConverterAttribute : Attribute {}
    public interface IHttpCookie {}
}
namespace Microsoft.DurableTask.Client { public interface IOrchestrationSubmitter {} }
namespace Microsoft.DurableTask.Testing { public class InMemoryOrchestrationService {} }
namespace Microsoft.DurableTask.Worker { public class ExtendedSessionsCache {} }
namespace Xunit
{
    public class FactAttribute : Attribute {}
    public class Assert
    {
        public static void Equal<T>(T expected, T actual) {}
        public static void Contains(string expected, string? actual) {}
        public static void Contains<T>(T expected, IEnumerable<T> actual) {}
    }
}
