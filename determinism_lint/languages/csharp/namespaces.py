"""Which namespace a type outside the project belongs to: a file that uses several does not say."""

from __future__ import annotations

from collections.abc import Mapping

from determinism_lint.languages.csharp.api import types

IMPLICIT = (
    "System",
    "System.Collections.Generic",
    "System.IO",
    "System.Linq",
    "System.Net.Http",
    "System.Threading",
    "System.Threading.Tasks",
    "Microsoft.AspNetCore.Builder",
    "Microsoft.AspNetCore.Http",
    "Microsoft.Extensions.Configuration",
    "Microsoft.Extensions.DependencyInjection",
    "Microsoft.Extensions.Hosting",
    "Microsoft.Extensions.Logging",
)
"""What the SDKs of .NET projects import by themselves. Where a project does not want that, its files import it."""

_TYPES = {
    "System": "Action Activator AggregateException AppContext AppDomain ArgumentException ArgumentNullException "
    "ArgumentOutOfRangeException Array ArraySegment Attribute BitConverter Boolean Buffer Byte Char Comparison Console "
    "Convert DateOnly DateTime DateTimeKind DateTimeOffset DayOfWeek Decimal Delegate Double Enum Environment "
    "EventArgs EventHandler Exception FormatException Func GC Guid HashCode IAsyncDisposable IComparable "
    "IDisposable IEquatable IFormatProvider IServiceProvider Index InvalidOperationException Int16 Int32 Int64 Lazy "
    "Math MathF Memory MulticastDelegate NotImplementedException NotSupportedException NullReferenceException Nullable "
    "Object ObjectDisposedException OperatingSystem OperationCanceledException Predicate Progress Random Range "
    "ReadOnlyMemory ReadOnlySpan SByte Single Span String StringComparer StringComparison TimeOnly TimeProvider "
    "TimeSpan TimeZone TimeZoneInfo TimeoutException Tuple Type UInt16 UInt32 UInt64 Uri UriBuilder "
    "UnauthorizedAccessException ValueTuple ValueType Version WeakReference",
    "System.Collections": "ArrayList Hashtable ICollection IDictionary IEnumerable IEnumerator IList",
    "System.Collections.Concurrent": "BlockingCollection ConcurrentBag ConcurrentDictionary ConcurrentQueue "
    "ConcurrentStack",
    "System.Collections.Frozen": "FrozenDictionary FrozenSet",
    "System.Collections.Generic": "Comparer Dictionary EqualityComparer HashSet IAsyncEnumerable IAsyncEnumerator "
    "ICollection IComparer IDictionary IEnumerable IEnumerator IEqualityComparer IList IReadOnlyCollection "
    "IReadOnlyDictionary IReadOnlyList IReadOnlySet ISet KeyNotFoundException KeyValuePair LinkedList List "
    "PriorityQueue Queue SortedDictionary SortedList SortedSet Stack",
    "System.Collections.Immutable": "IImmutableDictionary IImmutableList IImmutableSet ImmutableArray "
    "ImmutableDictionary ImmutableHashSet ImmutableList ImmutableQueue ImmutableSortedDictionary ImmutableSortedSet "
    "ImmutableStack",
    "System.Collections.ObjectModel": "Collection ObservableCollection ReadOnlyCollection ReadOnlyDictionary",
    "System.ComponentModel": "BackgroundWorker Component INotifyPropertyChanged",
    "System.Configuration": "ConfigurationManager",
    "System.Data": "CommandType DataRow DataSet DataTable IDbCommand IDbConnection",
    "System.Data.Common": "DbCommand DbConnection DbDataReader",
    "System.Data.SqlClient": "SqlCommand SqlConnection SqlException",
    "System.Diagnostics": "Activity ActivityKind ActivitySource Debug Process ProcessStartInfo Stopwatch Trace",
    "System.Diagnostics.Metrics": "Counter Histogram Meter",
    "System.Globalization": "Calendar CultureInfo DateTimeStyles NumberStyles",
    "System.IO": "BinaryReader BinaryWriter Directory DirectoryInfo DriveInfo EndOfStreamException File FileAccess "
    "FileInfo FileMode FileNotFoundException FileShare FileStream FileSystemWatcher IOException InvalidDataException "
    "MemoryStream Path RandomAccess SearchOption Stream StreamReader StreamWriter StringReader StringWriter TextReader "
    "TextWriter",
    "System.IO.Compression": "CompressionLevel GZipStream ZipArchive ZipFile",
    "System.IO.Pipes": "AnonymousPipeServerStream NamedPipeClientStream NamedPipeServerStream",
    "System.Linq": "Enumerable IGrouping ILookup IOrderedEnumerable IQueryable ParallelEnumerable Queryable",
    "System.Linq.Expressions": "Expression LambdaExpression",
    "System.Net": "Dns FtpWebRequest HttpStatusCode HttpWebRequest IPAddress IPEndPoint WebClient WebException "
    "WebRequest WebResponse",
    "System.Net.Http": "ByteArrayContent FormUrlEncodedContent HttpClient HttpClientHandler HttpContent "
    "HttpMessageInvoker HttpMethod HttpRequestException HttpRequestMessage HttpResponseMessage IHttpClientFactory "
    "MultipartFormDataContent StreamContent StringContent",
    "System.Net.Http.Headers": "AuthenticationHeaderValue MediaTypeHeaderValue",
    "System.Net.Http.Json": "HttpClientJsonExtensions JsonContent",
    "System.Net.Mail": "MailAddress MailMessage SmtpClient",
    "System.Net.NetworkInformation": "NetworkInterface Ping PhysicalAddress",
    "System.Net.Sockets": "NetworkStream Socket SocketException TcpClient TcpListener UdpClient",
    "System.Net.WebSockets": "ClientWebSocket WebSocket WebSocketState",
    "System.Reflection": "Assembly BindingFlags ConstructorInfo FieldInfo MethodBase MethodInfo PropertyInfo",
    "System.Runtime.CompilerServices": "CallerMemberNameAttribute ConfiguredTaskAwaitable RuntimeHelpers TaskAwaiter",
    "System.Runtime.InteropServices": "Marshal OSPlatform RuntimeInformation",
    "System.Runtime.Caching": "MemoryCache",
    "System.Security.Cryptography": "Aes HMACSHA256 MD5 RNGCryptoServiceProvider RandomNumberGenerator SHA1 SHA256 "
    "SHA512",
    "System.Text": "Encoding StringBuilder",
    "System.Text.Json": "JsonDocument JsonElement JsonException JsonSerializer JsonSerializerOptions",
    "System.Text.Json.Nodes": "JsonArray JsonNode JsonObject",
    "System.Text.RegularExpressions": "Match Regex RegexOptions",
    "System.Threading": "AsyncLocal AutoResetEvent Barrier CancellationToken CancellationTokenSource CountdownEvent "
    "EventWaitHandle Interlocked Lock ManualResetEvent ManualResetEventSlim Monitor Mutex PeriodicTimer "
    "ReaderWriterLockSlim Semaphore SemaphoreSlim SpinLock SpinWait SynchronizationContext Thread ThreadLocal "
    "ThreadPool Timeout Timer Volatile WaitHandle",
    "System.Threading.Channels": "Channel ChannelReader ChannelWriter",
    "System.Threading.Tasks": "Parallel ParallelOptions Task TaskCanceledException TaskCompletionSource TaskFactory "
    "TaskScheduler TaskStatus ValueTask",
    "System.Threading.Tasks.Dataflow": "ActionBlock BufferBlock TransformBlock",
    "Microsoft.AspNetCore.Builder": "WebApplication WebApplicationBuilder",
    "Microsoft.AspNetCore.Http": "HttpContext HttpRequest HttpResponse IResult Results",
    "Microsoft.AspNetCore.Mvc": "IActionResult OkObjectResult",
    "Microsoft.Azure.Cosmos": "Container CosmosClient CosmosException PartitionKey QueryDefinition",
    "Microsoft.Azure.Functions.Worker": "Function FunctionContext",
    "Microsoft.Azure.WebJobs": "FunctionName IAsyncCollector ICollector",
    "Microsoft.Azure.WebJobs.Extensions.DurableTask": "DurableActivityContextBase DurableClient "
    "DurableOrchestrationContextBase DurableOrchestrationStatus EntityId IDurableActivityContext IDurableClient "
    "IDurableClientFactory IDurableEntityClient IDurableEntityContext IDurableOrchestrationClient "
    "IDurableOrchestrationContext OrchestrationRuntimeStatus RetryOptions",
    "Microsoft.Data.SqlClient": "SqlCommand SqlConnection SqlException",
    "Microsoft.Data.Sqlite": "SqliteCommand SqliteConnection",
    "Microsoft.EntityFrameworkCore": "DbContext DbContextOptions DbSet EntityFrameworkQueryableExtensions "
    "IDbContextFactory",
    "Microsoft.Extensions.AI": "ChatMessage ChatOptions IChatClient",
    "Microsoft.Extensions.Caching.Distributed": "IDistributedCache",
    "Microsoft.Extensions.Caching.Memory": "IMemoryCache MemoryCache",
    "Microsoft.Extensions.Configuration": "ConfigurationBuilder IConfiguration IConfigurationRoot "
    "IConfigurationSection",
    "Microsoft.Extensions.DependencyInjection": "IServiceCollection IServiceScope IServiceScopeFactory "
    "ServiceCollection ServiceProvider",
    "Microsoft.Extensions.Hosting": "BackgroundService Host HostApplicationBuilder HostBuilder IHost IHostBuilder "
    "IHostEnvironment IHostedService",
    "Microsoft.Extensions.Logging": "EventId ILogger ILoggerFactory LogLevel LoggerExtensions LoggerFactory",
    "Microsoft.Extensions.Logging.Abstractions": "NullLogger",
    "Microsoft.Extensions.Options": "IOptions IOptionsMonitor IOptionsSnapshot Options",
    "Microsoft.SemanticKernel": "Kernel",
    "Azure.Data.Tables": "TableClient TableEntity TableServiceClient",
    "Azure.Identity": "DefaultAzureCredential ManagedIdentityCredential",
    "Azure.Messaging.EventGrid": "EventGridEvent EventGridPublisherClient",
    "Azure.Messaging.EventHubs": "EventData EventHubProducerClient",
    "Azure.Messaging.ServiceBus": "ServiceBusClient ServiceBusMessage ServiceBusSender",
    "Azure.Security.KeyVault.Secrets": "KeyVaultSecret SecretClient",
    "Azure.Storage.Blobs": "BlobClient BlobContainerClient BlobServiceClient BlobUriBuilder",
    "Azure.Storage.Queues": "QueueClient QueueServiceClient",
    "Dapper": "SqlMapper",
    "Dapr.Client": "DaprClient DaprClientBuilder",
    "Dapr.Workflow": "DaprWorkflowClient Workflow WorkflowActivity WorkflowActivityContext WorkflowContext "
    "WorkflowTaskOptions WorkflowRetryPolicy",
    "DurableTask.Core": "AsyncTaskActivity OrchestrationContext OrchestrationInstance OrchestrationStatus RetryOptions "
    "TaskActivity TaskContext TaskHubClient TaskHubWorker TaskOrchestration TypedTaskActivity",
    "MassTransit": "IBus IPublishEndpoint NewId",
    "MongoDB.Bson": "BsonDocument ObjectId",
    "MongoDB.Driver": "IMongoClient IMongoCollection IMongoDatabase MongoClient MongoException",
    "Newtonsoft.Json": "JsonConvert JsonProperty",
    "Newtonsoft.Json.Linq": "JArray JObject JToken",
    "NodaTime": "IClock Instant LocalDate SystemClock ZonedClock",
    "Npgsql": "NpgsqlCommand NpgsqlConnection NpgsqlException",
    "RestSharp": "RestClient RestRequest",
    "SendGrid": "SendGridClient",
    "Serilog": "ILogger Log",
    "StackExchange.Redis": "ConnectionMultiplexer IDatabase",
    "log4net": "ILog",
}


def _by_namespace() -> Mapping[str, frozenset[str]]:
    found = {space: set(names.split()) for space, names in _TYPES.items()}
    for name in types():
        space, _, last = name.partition("`")[0].rpartition(".")
        found.setdefault(space, set()).add(last)
    return {space: frozenset(names) for space, names in found.items()}


KNOWN: Mapping[str, frozenset[str]] = _by_namespace()
"""Namespace -> its types, as far as they matter here; those of the SDKs are recorded in `api`."""
NAMES: frozenset[str] = frozenset().union(*KNOWN.values())
"""All of their names."""
ROOTS: frozenset[str] = frozenset(space.partition(".")[0] for space in KNOWN)
"""What the names of namespaces begin with."""
