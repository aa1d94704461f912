namespace Vuos.Guest.Options;

/// <summary>One option a command takes.</summary>
/// <param name="code">What the parser returns for it; also its letter, unless <paramref name="longOnly"/>.</param>
/// <param name="name">Long name without dashes.</param>
/// <param name="takesArgument">Whether an argument must follow.</param>
/// <param name="longOnly">No short form.</param>
internal readonly struct OptionSpec(char code, string name, bool takesArgument = false, bool longOnly = false)
{
    public char Code { get; } = code;

    public string Name { get; } = name;

    public bool TakesArgument { get; } = takesArgument;

    public bool LongOnly { get; } = longOnly;
}
