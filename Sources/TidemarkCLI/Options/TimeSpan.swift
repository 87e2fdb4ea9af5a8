import ArgumentParser

/// A length of time as people write it: 90s, 15m, 3h, 1d.
struct TimeSpan: ExpressibleByArgument {
    /// The length in seconds.
    var seconds: Int

    init(seconds: Int) { self.seconds = seconds }

    init?(argument: String) {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let last = argument.last, let unit = units[last], let count = Int(argument.dropLast()), count > 0,
            count <= 10_000_000
        else { return nil }
        seconds = count * unit
    }

    var defaultValueDescription: String {
        if seconds % 3_600 == 0 { return "\(seconds / 3_600)h" }
        return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
    }
}
