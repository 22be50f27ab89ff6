from numbering import number


def booking_of(city: str) -> dict:
    return {"city": city, "number": number()}
