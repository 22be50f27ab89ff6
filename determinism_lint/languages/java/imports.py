"""Where the name of a class leads: to a file of the project, or outside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from posixpath import basename, dirname

FREE = "?"
"""Begins the name of what a file neither declares nor imports by name: `?own.package,java.util,java.time:Instant`."""

_LANG = (
    "Boolean Byte Character Class ClassLoader Double Enum Error Exception Float IllegalArgumentException "
    "IllegalStateException Integer InterruptedException Iterable Long Math Number Object Process "
    "ProcessBuilder ProcessHandle Record Runnable Runtime RuntimeException Short StrictMath String "
    "StringBuffer StringBuilder System Thread ThreadLocal Throwable UnsupportedOperationException Void "
    "AutoCloseable NullPointerException"
)
_KNOWN = {
    "java.util": "ArrayDeque ArrayList Arrays Base64 BitSet Calendar Collection Collections Comparator Date Deque "
    "EnumMap EnumSet GregorianCalendar HashMap HashSet Hashtable IdentityHashMap Iterator LinkedHashMap LinkedHashSet "
    "LinkedList List Locale Map NavigableMap Objects Optional OptionalInt PriorityQueue Properties Queue Random "
    "Scanner ServiceLoader Set SortedMap SortedSet SplittableRandom Stack StringJoiner TimeZone Timer TimerTask "
    "TreeMap TreeSet UUID Vector WeakHashMap",
    "java.time": "Clock DayOfWeek Duration Instant InstantSource LocalDate LocalDateTime LocalTime Month MonthDay "
    "OffsetDateTime OffsetTime Period Year YearMonth ZoneId ZoneOffset ZonedDateTime",
    "java.util.concurrent": "BlockingQueue Callable CompletableFuture ConcurrentHashMap CountDownLatch CyclicBarrier "
    "Executor ExecutorService Executors ForkJoinPool Future FutureTask LinkedBlockingQueue ScheduledExecutorService "
    "Semaphore ThreadLocalRandom ThreadPoolExecutor TimeUnit TimeoutException ExecutionException",
    "java.io": "BufferedReader BufferedWriter File FileInputStream FileOutputStream FileReader FileWriter IOException "
    "InputStream OutputStream PrintStream RandomAccessFile Reader Serializable UncheckedIOException Writer",
    "java.nio.file": "Files Path Paths StandardOpenOption",
    "java.net": "DatagramSocket HttpURLConnection InetAddress NetworkInterface ServerSocket Socket URI URL "
    "URLConnection",
    "java.util.logging": "Level Logger",
    "java.util.function": "BiFunction Consumer Function Predicate Supplier",
    "java.util.stream": "Collectors IntStream LongStream Stream",
    "com.microsoft.durabletask": "CompositeTaskFailedException DurableTaskClient DurableTaskGrpcClientBuilder "
    "DurableTaskGrpcWorker DurableTaskGrpcWorkerBuilder EntityInstanceId OrchestrationMetadata OrchestrationRunner "
    "RetryHandler RetryPolicy Task TaskActivity TaskActivityContext TaskActivityFactory TaskCanceledException "
    "TaskEntity TaskEntityFactory TaskFailedException TaskOptions TaskOrchestration TaskOrchestrationContext "
    "TaskOrchestrationFactory",
    "com.microsoft.azure.functions": "ExecutionContext HttpMethod HttpRequestMessage HttpResponseMessage HttpStatus",
    "com.microsoft.azure.functions.annotation": "AuthorizationLevel FunctionName HttpTrigger TimerTrigger",
    "com.microsoft.durabletask.azurefunctions": "DurableActivityTrigger DurableClientContext DurableClientInput "
    "DurableOrchestrationTrigger HttpManagementPayload",
    "com.microsoft.durabletask.interruption": "ContinueAsNewInterruption OrchestratorBlockedException",
}
_KNOWN_NAMES = {package: frozenset(names.split()) for package, names in _KNOWN.items()}
_LANG_NAMES = frozenset(_LANG.split())


class Importer:
    """Resolves names of classes against the files of the project."""

    def __init__(self, files: frozenset[str], read: Callable[[str], bytes]) -> None:
        self._read = read
        self._by_name: dict[str, list[str]] = {}
        for path in sorted(files):
            self._by_name.setdefault(basename(path), []).append(path)
        self._package = lru_cache(maxsize=None)(self._package_of)
        self._resolve = lru_cache(maxsize=None)(self._search)

    def resolve(self, module: str, level: int, importer: str) -> str | None:
        """The file that declares a class of that qualified name; None for whatever is not in the project."""
        return self._resolve(module, importer)

    def submodule(self, package: str, name: str) -> str | None:
        return None

    def is_external(self, name: str) -> bool:
        return False

    def _search(self, module: str, importer: str) -> str | None:
        if not module.startswith(FREE):
            package, _, name = module.rpartition(".")
            return self._declaring(package, name)
        wild, _, name = module[len(FREE) :].partition(":")
        candidates = self._by_name.get(f"{name}.java", [])
        if not candidates:
            return None
        packages = wild.split(",")
        if any(name in _KNOWN_NAMES.get(package, ()) for package in packages):
            return None
        beside = f"{dirname(importer)}/{name}.java"
        if beside in candidates:
            return beside
        return next((found for package in packages if (found := self._declaring(package, name))), None)

    def _declaring(self, package: str, name: str) -> str | None:
        if name in _KNOWN_NAMES.get(package, ()):
            return None  # also where the project is the SDK itself
        for path in self._by_name.get(f"{name}.java", ()):
            if self._package(path) == package:
                return path
        return None

    def _package_of(self, path: str) -> str:
        try:
            text = self._read(path)
        except OSError:
            return ""
        match = _PACKAGE.search(_COMMENT.sub(b"", text[:20_000]))
        return re.sub(r"\s", "", match[1].decode("utf-8", "replace")) if match else ""


_COMMENT = re.compile(rb"/\*.*?\*/|//[^\n]*", re.DOTALL)
_PACKAGE = re.compile(rb"^\s*package\s+([\w.\s]+);", re.MULTILINE)


def qualified(owner: str, name: str | None) -> str:
    """The qualified name of what a class has under a name, or of the class that an import names."""
    if owner.startswith(FREE):
        return _free(owner)
    if name is None:
        return owner
    before, _, last = owner.rpartition(".")
    if last == name and name[:1].isupper():
        return owner
    if last.isupper() and len(last) > 1 and name[:1].islower() and before.rsplit(".", 1)[-1][:1].isupper():
        return f"{before}.{name}"  # a constant of an enumeration, such as `TimeUnit.SECONDS`
    return f"{owner}.{name}"


@lru_cache(maxsize=4096)
def _free(module: str) -> str:
    """The qualified name of a class that is imported with all of its package, as far as that is known."""
    wild, _, name = module[len(FREE) :].partition(":")
    own, *packages = wild.split(",")
    for package in (own, *packages):
        if name in _KNOWN_NAMES.get(package, ()):
            return f"{package}.{name}"
    if name in _LANG_NAMES:
        return f"java.lang.{name}"
    others = [package for package in packages if package not in _KNOWN_NAMES]
    return f"{others[0]}.{name}" if len(others) == 1 else f"unknown.{name}"
