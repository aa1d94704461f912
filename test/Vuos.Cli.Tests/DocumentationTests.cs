using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using Xunit;

namespace Vuos.Cli.Tests;

/// <summary>What the documentation shows is what the program does.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string Root = Repository.Root;

    [Fact]
    public void The_view_of_the_documentation_is_accepted()
    {
        using var directory = new TempDirectory();
        var example = Assert.Single(Blocks("docs/configuration.md"), static b => b.Contains("mounts = ["));
        directory.File("workshop/resolv.conf");
        directory.File("workshop/example.view", example);
        var options = Parsing.Accept(Parsing.In(directory), "--view", "workshop/example.view", "true");
        Assert.Equal("workshop", options.ViewName);
        Assert.True(options.Seal);
        Assert.True(options.KillOnExit);
        Assert.Equal(["vufs"], options.Modules);
        Assert.Equal([directory.At("workshop/resolv.conf"), "/"], options.Mounts.Select(static m => m.Source));
        Assert.Equal(["", "ro,except=/proc"], options.Mounts.Select(static m => m.Options));
    }

    [Fact]
    public void Every_example_in_the_configuration_page_is_HOCON() =>
        Assert.All(Blocks("docs/configuration.md"), static block => Assert.Equal("", Hocon.Imbalance(block)));

    [Fact]
    public void Every_setting_is_documented_and_every_documented_setting_exists()
    {
        var settings = Leaves(BuiltIn().GetConfig("vuos").Root, "vuos").Order().ToArray();
        var rows = SettingRow().Matches(File.ReadAllText(Path.Combine(Root, "docs/configuration.md"))).Select(static m => m.Groups[1].Value).Order().ToArray();
        Assert.Equal(settings, rows);
    }

    [Fact]
    public void Every_option_is_in_the_configuration_page()
    {
        var page = File.ReadAllText(Path.Combine(Root, "docs/configuration.md"));
        Assert.All(RunDialect.VuosActors.Options, option => Assert.Contains($"--{option.Long}", page));
        Assert.All(RunDialect.Umvu.Options, option => Assert.Contains($"--{option.Long}", page));
    }

    [Fact]
    public async Task The_built_in_settings_start_an_actor_system_with_both_dispatchers_known()
    {
        // The tracer's executor needs the tracer; here only that Akka finds its class is looked at.
        var settings = BuiltIn();
        Assert.NotNull(settings.GetString("vuos.tracer-dispatcher.executor"));
        var system = ActorSystem.Create("settings", settings);
        Assert.True(system.Dispatchers.HasDispatcher("vuos.tracer-dispatcher"));
        Assert.Equal("vuos.layer-dispatcher", system.Dispatchers.Lookup("vuos.layer-dispatcher").Id);
        await system.Terminate();
    }

    [Fact]
    public void Links_between_the_pages_lead_somewhere()
    {
        foreach (var page in (string[])["README.md", "CONTRIBUTING.md", "docs/install.md", "docs/configuration.md"])
        {
            var folder = Path.GetDirectoryName(Path.Combine(Root, page))!;
            foreach (Match link in Link().Matches(File.ReadAllText(Path.Combine(Root, page))))
                Assert.True(Path.Exists(Path.Combine(folder, link.Groups[1].Value)), $"{page}: {link.Value}");
        }
    }

    private static Config BuiltIn() => ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(Root, "HOCON/vuos.conf")));

    private static IEnumerable<string> Leaves(HoconValue value, string path) =>
        value.IsObject() ? value.GetObject().Items.SelectMany(item => Leaves(item.Value, $"{path}.{item.Key}")) : [path];

    private static IEnumerable<string> Blocks(string page) =>
        HoconBlock().Matches(File.ReadAllText(Path.Combine(Root, page))).Select(static m => m.Groups[1].Value);

    [GeneratedRegex("```hocon\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex HoconBlock();

    [GeneratedRegex(@"^\| `(vuos\.[a-z.-]+)` \|", RegexOptions.Multiline)]
    private static partial Regex SettingRow();

    [GeneratedRegex(@"\]\((?!https?:)([^)#]+)\)")]
    private static partial Regex Link();
}
