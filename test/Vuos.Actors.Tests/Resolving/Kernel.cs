using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Vuos.Actors.Tests.Support;

namespace Vuos.Actors.Tests.Resolving;

/// <summary>A question: binds made in order, then paths looked up from <see cref="Base"/>, with <see cref="Root"/> as root unless empty.</summary>
internal sealed record Question(
    [property: JsonPropertyName("tree")] string Tree,
    [property: JsonPropertyName("binds")] string[][] Binds,
    [property: JsonPropertyName("base")] string Base,
    [property: JsonPropertyName("root")] string Root,
    [property: JsonPropertyName("queries")] object[][] Queries);

/// <summary>The kernel's answer: errno of each bind; errno, device, inode and name for each path.</summary>
internal sealed class KernelAnswer
{
    public string? Error { get; set; }

    public int[] Binds { get; set; } = [];

    public bool NoBase { get; set; }

    public bool NoRoot { get; set; }

    public JsonElement[][] Results { get; set; } = [];
}

/// <summary>
/// The kernel itself as the model of path resolution: a helper in a mount namespace of its own (as an unprivileged user, in a user namespace too) makes real binds.
/// </summary>
internal sealed class Kernel : IDisposable
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private readonly Process helper;

    private Kernel(Process helper) => this.helper = helper;

    /// <summary>Null where namespaces cannot be had.</summary>
    public static Kernel? Open()
    {
        var flags = Environment.IsPrivilegedProcess ? "-m" : "-rm";
        var script = Path.Combine(AppContext.BaseDirectory, "Resolving", "kernel.py");
        if (ChildProcess.Run("unshare", [flags, "--propagation", "private", "python3", "-c", "pass"]).Status != 0)
            return null;
        return new Kernel(Process.Start(new ProcessStartInfo("unshare", [flags, "--propagation", "private", "python3", script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);
    }

    public KernelAnswer Ask(Question question)
    {
        helper.StandardInput.WriteLine(JsonSerializer.Serialize(question, Options));
        helper.StandardInput.Flush();
        var line = helper.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the helper ended");
        var answer = JsonSerializer.Deserialize<KernelAnswer>(line, Options)!;
        return answer.Error is null ? answer : throw new InvalidOperationException(answer.Error);
    }

    public void Dispose()
    {
        helper.StandardInput.Close();
        helper.WaitForExit();
        helper.Dispose();
    }
}
