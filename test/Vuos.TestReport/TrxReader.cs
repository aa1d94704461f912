using System.Globalization;
using System.Xml.Linq;

namespace Vuos.TestReport;

/// <summary>Reads what <c>dotnet test --logger trx</c> writes.</summary>
public static class TrxReader
{
    private static readonly XNamespace _trx = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    /// <summary>The tests of one file; a run that was cut short counts as one failed test more.</summary>
    public static IEnumerable<TestOutcome> Read(string path)
    {
        string suite = Path.GetFileNameWithoutExtension(path);
        XDocument file = XDocument.Load(path);
        Dictionary<string, string> classes = file.Descendants(_trx + "UnitTest")
            .ToDictionary(test => (string)test.Attribute("id")!, test => (string?)test.Descendants(_trx + "TestMethod").First().Attribute("className") ?? suite);
        foreach (XElement result in file.Descendants(_trx + "UnitTestResult"))
            yield return One(suite, classes, result);

        // "Completed" is a good run, "Failed" one with failed tests; "Aborted" and the like mean that the test host died.
        string? summary = (string?)file.Descendants(_trx + "ResultSummary").FirstOrDefault()?.Attribute("outcome");
        bool explained = summary == "Failed" && file.Descendants(_trx + "UnitTestResult").Any(result => (string?)result.Attribute("outcome") == "Failed");
        if (summary != "Completed" && !explained)
        {
            string messages = string.Join('\n', file.Descendants(_trx + "RunInfo").Select(info => info.Value));
            yield return new TestOutcome(suite, suite, "the test run", Outcome.Failed, TimeSpan.Zero, $"ended as '{summary}'\n{messages}");
        }
    }

    private static TestOutcome One(string suite, Dictionary<string, string> classes, XElement result)
    {
        Outcome outcome = (string?)result.Attribute("outcome") switch
        {
            "Passed" => Outcome.Passed,
            "NotExecuted" => Outcome.Skipped,
            _ => Outcome.Failed,
        };
        _ = TimeSpan.TryParse((string?)result.Attribute("duration"), CultureInfo.InvariantCulture, out TimeSpan duration);
        string message = string.Join('\n', result.Descendants().Where(e => e.Name == _trx + "Message" || e.Name == _trx + "StackTrace").Select(e => e.Value));
        string id = (string?)result.Attribute("testId") ?? "";
        return new TestOutcome(suite, classes.GetValueOrDefault(id, suite), (string?)result.Attribute("testName") ?? "?", outcome, duration, message);
    }
}
