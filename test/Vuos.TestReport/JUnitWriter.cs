using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Vuos.TestReport;

/// <summary>Writes tests as JUnit XML.</summary>
public static class JUnitWriter
{
    /// <summary>Writes one file with one suite.</summary>
    public static void Write(string path, string suite, IReadOnlyCollection<TestOutcome> tests)
    {
        XElement root = new(
            "testsuite",
            new XAttribute("name", suite),
            new XAttribute("tests", tests.Count),
            new XAttribute("failures", tests.Count(test => test.Outcome == Outcome.Failed)),
            new XAttribute("errors", 0),
            new XAttribute("skipped", tests.Count(test => test.Outcome == Outcome.Skipped)),
            new XAttribute("time", Seconds(tests.Aggregate(TimeSpan.Zero, (sum, test) => sum + test.Duration))),
            tests.Select(One));
        new XDocument(new XElement("testsuites", root)).Save(path);
    }

    private static XElement One(TestOutcome test)
    {
        XElement element = new(
            "testcase",
            new XAttribute("classname", test.Class),
            new XAttribute("name", Clean(test.Name)),
            new XAttribute("time", Seconds(test.Duration)));
        if (test.Outcome == Outcome.Failed)
            element.Add(new XElement("failure", new XAttribute("message", Clean(test.Message.Split('\n')[0])), Clean(test.Message)));
        if (test.Outcome == Outcome.Skipped)
            element.Add(new XElement("skipped", new XAttribute("message", Clean(test.Message.Split('\n')[0]))));
        return element;
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Clean(string text) => string.Concat(text.Where(XmlConvert.IsXmlChar));
}
