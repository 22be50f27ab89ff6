"""Names of .NET that mean something to the analysis: what is a property, and what a type is to a collection."""

from __future__ import annotations

NEW = ".%new"
"""Ends the name of what makes an object of a class."""
TASK = "System.Threading.Tasks.Task"
PROXY = "durabletask.Proxy"
"""The class of objects whose methods call activities or entities, whatever class implements their interface."""
SAFE_FACTORY = "durabletask.ReplaySafeLoggerFactory"
"""The class of what makes loggers that are silent while the runtime is replaying."""
HASHED = "HashSet"
"""The kind of a collection that promises no order."""

_STRINGS = (
    "System.Environment.CommandLine",
    "System.Environment.CurrentDirectory",
    "System.Environment.MachineName",
    "System.Environment.ProcessPath",
    "System.Environment.SystemDirectory",
    "System.Environment.UserDomainName",
    "System.Environment.UserName",
    "System.AppContext.BaseDirectory",
    "System.AppContext.TargetFrameworkName",
    "System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription",
    "System.Runtime.InteropServices.RuntimeInformation.OSDescription",
    "System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier",
    "Microsoft.Extensions.Hosting.IHostEnvironment.ApplicationName",
    "Microsoft.Extensions.Hosting.IHostEnvironment.ContentRootPath",
    "Microsoft.Extensions.Hosting.IHostEnvironment.EnvironmentName",
)
_OTHERS = (
    "System.DateTimeOffset.LocalDateTime",
    "System.Environment.CurrentManagedThreadId",
    "System.Environment.HasShutdownStarted",
    "System.Environment.Is64BitOperatingSystem",
    "System.Environment.Is64BitProcess",
    "System.Environment.OSVersion",
    "System.Environment.ProcessId",
    "System.Environment.ProcessorCount",
    "System.Environment.TickCount",
    "System.Environment.TickCount64",
    "System.Environment.UserInteractive",
    "System.Environment.Version",
    "System.Environment.WorkingSet",
    "System.IO.DirectoryInfo.Exists",
    "System.IO.FileInfo.Exists",
    "System.IO.FileInfo.LastWriteTimeUtc",
    "System.IO.FileInfo.Length",
    "System.Runtime.InteropServices.RuntimeInformation.OSArchitecture",
    "System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture",
    "System.Threading.AsyncLocal.Value",
    "System.Threading.Tasks.Task.Result",
    "System.Threading.Tasks.TaskCompletionSource.Task",
    "System.Threading.Thread.ManagedThreadId",
    "System.Threading.ThreadLocal.Value",
    "Microsoft.Extensions.Options.IOptions.Value",
    "Microsoft.Extensions.Options.IOptionsMonitor.CurrentValue",
    "Microsoft.Extensions.Options.IOptionsSnapshot.Value",
)
PROPERTIES = {
    "System.AppDomain.CurrentDomain": "System.AppDomain",
    "System.DateTime.Now": "System.DateTime",
    "System.DateTime.Today": "System.DateTime",
    "System.DateTime.UtcNow": "System.DateTime",
    "System.DateTimeOffset.Now": "System.DateTimeOffset",
    "System.DateTimeOffset.UtcNow": "System.DateTimeOffset",
    "System.Globalization.CultureInfo.CurrentCulture": "System.Globalization.CultureInfo",
    "System.Globalization.CultureInfo.CurrentUICulture": "System.Globalization.CultureInfo",
    "System.Random.Shared": "System.Random.Shared",
    "System.Threading.Tasks.Task.CompletedTask": "System.Threading.Tasks.CompletedTask",
    "System.Threading.Tasks.Task.Factory": "System.Threading.Tasks.TaskFactory",
    "System.Threading.Thread.CurrentThread": "System.Threading.Thread",
    "System.TimeProvider.LocalTimeZone": "System.TimeZoneInfo",
    "System.TimeProvider.System": "System.TimeProvider",
    "System.TimeZone.CurrentTimeZone": "System.TimeZone",
    "System.TimeZoneInfo.Local": "System.TimeZoneInfo",
    **dict.fromkeys(_STRINGS, "System.String"),
    **dict.fromkeys(_OTHERS, ""),
}
"""Properties that the rules' tables name, or that lead to what they name, and the type of each where it matters."""
