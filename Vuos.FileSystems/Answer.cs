using Vuos.Native;

namespace Vuos.FileSystems;

/// <summary>
/// The result of an operation: a value, or an errno. Not an exception, because a name that does not exist is an everyday answer. Converts from both:
/// <c>return Errno.ENOENT;</c>, <c>return entry;</c>.
/// </summary>
public readonly record struct Answer<T>
{
    private Answer(Errno error, T value)
    {
        Error = error;
        Value = value;
    }

    /// <summary><see cref="Errno.None"/> on success.</summary>
    public Errno Error { get; }

    /// <summary>Meaningful on success only.</summary>
    public T Value { get; }

    public bool Failed => Error != Errno.None;

    public static implicit operator Answer<T>(Errno error) => new(error, default!);

    public static implicit operator Answer<T>(T value) => new(Errno.None, value);

    public static implicit operator ValueTask<Answer<T>>(Answer<T> answer) => ValueTask.FromResult(answer);
}
