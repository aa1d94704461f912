using Vuos.TestReport;

// Usage: Vuos.TestReport DIRECTORY [--project NAME STATUS]… [--check NAME STATUS LOG]…
// Reads DIRECTORY/NAME.trx of each project (a missing one is a failed test: it did not build or start, or was killed; so is
// one that ended badly though no test failed), counts each check (a command that ran beside the test projects, with its
// exit status and its output) as one test, writes JUnit XML beside the .trx files, prints failures and skips, then once
// more only the names of what failed, and ends with the line "N passed, N failed[, N skipped]".
// Exit status: 0 if something ran and nothing failed, else 1.
const int MaxNames = 35, MaxName = 200;
string directory = args[0];
List<TestOutcome> tests = [];
for (int i = 1; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--project":
            tests.AddRange(Project(directory, args[i + 1], args[i + 2]));
            i += 2;
            break;
        case "--check":
            tests.Add(Check(args[i + 1], args[i + 2], args[i + 3]));
            i += 3;
            break;
        default:
            Console.Error.WriteLine($"Vuos.TestReport: unknown argument '{args[i]}'");
            return 2;
    }
}

foreach (IGrouping<string, TestOutcome> suite in tests.GroupBy(test => test.Suite))
    JUnitWriter.Write(Path.Combine(directory, suite.Key + ".junit.xml"), suite.Key, [.. suite]);

int passed = Count(Outcome.Passed), failed = Count(Outcome.Failed), skipped = Count(Outcome.Skipped);
foreach (TestOutcome test in tests.Where(test => test.Outcome == Outcome.Skipped))
    Console.WriteLine($"skipped {test.Suite}: {test.Name}: {test.Message.Split('\n')[0]}");
foreach (TestOutcome test in tests.Where(test => test.Outcome == Outcome.Failed))
    Console.WriteLine($"FAILED {test.Suite}: {test.Name}\n{Indent(test.Message)}\n");
// Who sees only the last lines sees what failed.
foreach (TestOutcome test in tests.Where(test => test.Outcome == Outcome.Failed).Take(MaxNames))
    Console.WriteLine($"failed: {test.Suite}: {OneLine(test.Name)}");
if (failed > MaxNames)
    Console.WriteLine($"failed: and {failed - MaxNames} more");
Console.WriteLine($"{passed} passed, {failed} failed{(skipped > 0 ? $", {skipped} skipped" : "")}");
return failed == 0 && passed > 0 ? 0 : 1;

int Count(Outcome outcome) => tests.Count(test => test.Outcome == outcome);

static List<TestOutcome> Project(string directory, string name, string status)
{
    string trx = Path.Combine(directory, name + ".trx");
    bool finished = File.Exists(trx);
    List<TestOutcome> tests = finished ? [.. TrxReader.Read(trx)] : [];
    if (!finished || (status != "0" && tests.TrueForAll(test => test.Outcome != Outcome.Failed)))
        tests.Add(new TestOutcome(name, name, $"the test run (status {status})", Outcome.Failed, TimeSpan.Zero, Log(Path.Combine(directory, name + ".log"))));
    return tests;
}

static TestOutcome Check(string name, string status, string log) =>
    new("checks", "checks", name, status == "0" ? Outcome.Passed : Outcome.Failed, TimeSpan.Zero, status == "0" ? "" : Log(log));

static string OneLine(string text)
{
    string line = text.ReplaceLineEndings(" ");
    return line.Length <= MaxName ? line : line[..MaxName] + "…";
}

static string Log(string path) => File.Exists(path) ? string.Join('\n', File.ReadLines(path).TakeLast(60)) : "no log";

static string Indent(string text) => "    " + text.TrimEnd().Replace("\n", "\n    ", StringComparison.Ordinal);
