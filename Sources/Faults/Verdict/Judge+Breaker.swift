extension Judge {
    /// A circuit breaker as the client should have one, moved by what its requests met.
    private struct Breaker {
        enum State {
            case closed(failures: [ObservedExchange])
            /// Since the end of `by`.
            case open(by: ObservedExchange)
            case halfOpen(successes: Int)
        }

        var state = State.closed(failures: [])
        /// The longest series of failures seen.
        var longest = 0
        var opened: [ObservedExchange] = []
        /// Probes that succeeded, of the last half-open stage.
        var probes: [ObservedExchange] = []
        var timesClosedAgain = 0
    }

    /// Plays the exchanges' arrivals and ends, in their order, on a breaker. An arrival while it is open, or beside another one while it is half open, speaks
    /// against the client; requests that were under way when it opened do not.
    func breaker(
        _ seen: [ObservedExchange], _ counted: Expectation.FailureSet, failures limit: Int, openFor: Double, successes: Int
    ) -> Finding {
        enum Event {
            case arrival(ObservedExchange)
            case end(ObservedExchange)
        }
        // An exchange arrives behind the end of number `after`, and ends at its own number.
        var events: [(place: Int, isArrival: Bool, number: Int, event: Event)] = []
        for exchange in seen {
            events.append((exchange.after, true, exchange.number, .arrival(exchange)))
            events.append((exchange.number, false, exchange.number, .end(exchange)))
        }
        events.sort { ($0.place, $0.isArrival ? 1 : 0, $0.number) < ($1.place, $1.isArrival ? 1 : 0, $1.number) }

        var breaker = Breaker()
        var violations = Violations()
        var underWay: [Int: ObservedExchange] = [:]
        /// Sent before the breaker opened, or against it: their ends say nothing about it.
        var ignored: Set<Int> = []
        for (_, _, _, event) in events {
            switch event {
            case .arrival(let exchange):
                if case .open(let cause) = breaker.state {
                    let wait = cause.wait(until: exchange)
                    if wait + Self.slack < openFor {
                        violations.add(
                            "exchange \(exchange.number) came \(Self.text(seconds: wait)) after exchange \(cause.number) should have opened the breaker "
                                + "for \(Self.text(seconds: openFor))", [cause, exchange])
                        ignored.insert(exchange.number)
                    } else {
                        breaker.state = .halfOpen(successes: 0)
                        breaker.probes = []
                    }
                }
                if case .halfOpen = breaker.state {
                    let others = underWay.values.filter { !ignored.contains($0.number) }
                    if let other = others.min(by: { $0.number < $1.number }) {
                        violations.add(
                            "exchange \(exchange.number) came while exchange \(other.number) was still trying the half-open breaker",
                            [other, exchange])
                    }
                }
                underWay[exchange.number] = exchange
            case .end(let exchange):
                underWay[exchange.number] = nil
                if ignored.remove(exchange.number) != nil { continue }
                let isFailure = !exchange.succeeded && counted.contains(status: exchange.status, isBroken: exchange.isBroken)
                switch breaker.state {
                case .closed(var series):
                    series = isFailure ? series + [exchange] : []
                    breaker.longest = max(breaker.longest, series.count)
                    breaker.state = .closed(failures: series)
                    if series.count >= limit {
                        breaker.opened = series
                        breaker.state = .open(by: exchange)
                        ignored.formUnion(underWay.keys)
                    }
                case .halfOpen(let count):
                    if isFailure {
                        breaker.state = .open(by: exchange)
                        ignored.formUnion(underWay.keys)
                    } else {
                        breaker.probes.append(exchange)
                        breaker.state = .halfOpen(successes: count + 1)
                        if count + 1 >= successes {
                            breaker.state = .closed(failures: [])
                            breaker.timesClosedAgain += 1
                        }
                    }
                case .open: break
                }
            }
        }
        if let finding = violations.finding { return finding }
        guard let last = breaker.opened.last else {
            return Finding(
                .inconclusive, "at most \(Self.count(breaker.longest, "failure")) in a row seen; the breaker opens after \(limit)")
        }
        let evidence = Self.numbers(breaker.opened + breaker.probes)
        switch breaker.state {
        case .open(let cause):
            let passed = (Double(now) - Double(cause.completed)) / 1_000_000
            let rest =
                passed < openFor ? "only \(Self.text(seconds: passed)) of \(Self.text(seconds: openFor)) have passed" : "no call has tried it since"
            return Finding(.inconclusive, "opened by exchange \(last.number), and no call came while it was open; \(rest)", evidence)
        case .halfOpen(let count):
            return Finding(
                .inconclusive, "half open after exchange \(last.number), with \(count) of \(successes) successes seen", evidence)
        case .closed:
            return Finding(
                .pass,
                "opened by exchange \(last.number), no call for \(Self.text(seconds: openFor)), closed again after \(successes == 1 ? "1 success" : "\(successes) successes")",
                evidence)
        }
    }
}
